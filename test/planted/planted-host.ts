// Hosts a changed kExecutor in a planted worker process: its messages are in order and signed with its own key. Every other agent is the real one.
// A test that sets its node's clock forward says so in `clock-ahead` of the data folder: messages from another time are refused.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Agent, type Capability, type CapabilityContext, defineAgent } from "@kos/agent";
import { fileBlobs } from "@kos/blobs";
import { createDataAgent, createExecutorAgent } from "@kos/kexecutor";
import { type AgentId, createIdentity, decodeKeyFile } from "@kos/klp";
import { runWorkerHost } from "@kos/workers";

interface Spec {
  readonly data: string;
  readonly agent_id: string;
  readonly engine: { readonly id: string; readonly key: string };
}

type Run = (params: never, context: CapabilityContext) => Promise<unknown>;

/** The agents that can be changed, as they are; `worker` is the entry of the real worker. */
const AGENTS = {
  "kExecutor:files": () => createExecutorAgent({ git: { command: "git", searchPath: process.env["PATH"] ?? "" } }),
  "kExecutor:data": (worker: string) => createDataAgent({ runtime: process.execPath, entry: join(dirname(worker), "data.js") }),
} as const;

/** `change`: what runs in place of the capabilities it names, given the real one. Resolves when the node has ended the process. */
export async function hostPlanted(
  change: Readonly<Record<string, (real: Run) => Run>>,
  agentId: keyof typeof AGENTS = "kExecutor:files",
): Promise<void> {
  const spec = JSON.parse(process.env["KOS_WORKER"] ?? "{}") as Spec;
  const { worker } = JSON.parse(readFileSync(join(spec.data, "planted.json"), "utf8")) as { worker: string };
  if (spec.agent_id !== agentId) {
    await import(worker);
    return;
  }
  const blobs = await fileBlobs(join(spec.data, "blobs"));
  const key = readFileSync(join(spec.data, "keys", `${agentId.replace(":", "-")}.key`), "utf8");
  const ahead = join(spec.data, "clock-ahead");
  const aheadMs = existsSync(ahead) ? Number(readFileSync(ahead, "utf8")) : 0;
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  await runWorkerHost({
    agent: changed(AGENTS[agentId](worker), change),
    identity: createIdentity(spec.agent_id as AgentId, decodeKeyFile(key)),
    engine: spec.engine,
    blobs: {
      put: async (text) => (await blobs.put(new TextEncoder().encode(text))).hash,
      get: async (hash) => new TextDecoder().decode(await blobs.get(hash)),
    },
    input: process.stdin,
    output: process.stdout,
    now: () => Date.now() + aheadMs,
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
}

function changed(agent: Agent, change: Readonly<Record<string, (real: Run) => Run>>): Agent {
  const capabilities = [...agent.capabilities.values()].map((capability): Capability<never, unknown> => {
    const plant = change[capability.description.name];
    return plant === undefined ? capability : { ...capability, run: plant(capability.run) };
  });
  const { name, version, description } = agent;
  return defineAgent({ class: "kExecutor", name, version, description, capabilities });
}
