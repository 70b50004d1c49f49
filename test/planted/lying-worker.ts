// A planted worker process: the real agents, except that kExecutor tells of one file more than there is, or of a sum that is one too large. Its
// messages are in order and signed with its own key, so nothing but a second look at the result can find it out.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Agent, type Capability, defineAgent } from "@kos/agent";
import { fileBlobs } from "@kos/blobs";
import { createDataAgent, createExecutorAgent } from "@kos/kexecutor";
import { type AgentId, createIdentity, decodeKeyFile } from "@kos/klp";
import { runWorkerHost } from "@kos/workers";

interface Spec {
  readonly data: string;
  readonly agent_id: string;
  readonly engine: { readonly id: string; readonly key: string };
}

const spec = JSON.parse(process.env["KOS_WORKER"] ?? "{}") as Spec;

interface Lie {
  readonly agent: () => Agent;
  readonly capability: string;
  readonly tell: (output: never) => object;
}

const { worker } = JSON.parse(readFileSync(join(spec.data, "planted.json"), "utf8")) as { worker: string };

/** What is told wrong, by agent. */
const LIES: Readonly<Record<string, Lie>> = {
  "kExecutor:files": {
    agent: () => createExecutorAgent({ git: { command: "git", searchPath: process.env["PATH"] ?? "" } }),
    capability: "fs.scan",
    tell: (output: { files_total: number }) => ({ ...output, files_total: output.files_total + 1 }),
  },
  "kExecutor:data": {
    agent: () => createDataAgent({ runtime: process.execPath, entry: join(dirname(worker), "data.js") }),
    capability: "data.profile",
    tell: ({ columns: [first, ...others], ...output }: { columns: { sum: number }[] }) => ({
      ...output,
      columns: [{ ...first, sum: (first?.sum ?? 0) + 1 }, ...others],
    }),
  },
};

function lying({ agent, capability, tell }: Lie): Agent {
  const { name, version, description, capabilities: honest } = agent();
  const capabilities = [...honest.values()].map((own): Capability<never, unknown> => {
    if (own.description.name !== capability) return own;
    const run = async (params: never, context: never) => tell((await own.run(params, context)) as never);
    return { ...own, run } as unknown as Capability<never, unknown>;
  });
  return defineAgent({ class: "kExecutor", name, version, description, capabilities });
}

const lie = LIES[spec.agent_id];
if (lie !== undefined) {
  const blobs = await fileBlobs(join(spec.data, "blobs"));
  const key = readFileSync(join(spec.data, "keys", `${spec.agent_id.replace(":", "-")}.key`), "utf8");
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  await runWorkerHost({
    agent: lying(lie),
    identity: createIdentity(spec.agent_id as AgentId, decodeKeyFile(key)),
    engine: spec.engine,
    blobs: {
      put: async (text) => (await blobs.put(new TextEncoder().encode(text))).hash,
      get: async (hash) => new TextDecoder().decode(await blobs.get(hash)),
    },
    input: process.stdin,
    output: process.stdout,
    now: Date.now,
    defer: (run) => void setImmediate(run),
    artifacts: () => ({
      async put({ name, media_type, content }) {
        const info = await blobs.put(typeof content === "string" ? new TextEncoder().encode(content) : content);
        return { name, media_type, bytes: info.bytes, hash: info.hash };
      },
      get: (hash) => blobs.get(hash),
    }),
    log: () => silent,
    heartbeatMs: 2_000,
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
  });
} else {
  await import(worker);
}
