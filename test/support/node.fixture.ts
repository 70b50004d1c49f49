// A real node in a process of its own, on a data folder and a port of its own, and a client that speaks to it as every client does.

import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CallOptions, type Client, createClient, frameStream, type ServerFrame } from "@kos/api";
import { type Bundles, bundles } from "./bundles.fixture.ts";
import { type Child, childrenOf, type Ended, startChild } from "./child.fixture.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

export interface NodeSettings {
  /** Default: a folder of its own, gone with the node. */
  readonly data?: string;
  /** `KOS_*` and others. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** What can be asked of a node, however it was started. */
export interface Door {
  readonly url: string;
  readonly data: string;
  readonly token: string;
  readonly client: Client;
  /** Frames until the signal aborts; survives a restart of the node on the same port only. */
  frames(topics: readonly string[], signal: AbortSignal, since?: string): AsyncGenerator<ServerFrame, void, undefined>;
  /** Options of one call that may read the folders. */
  grant(...roots: readonly string[]): Promise<CallOptions>;
}

export interface RunningNode extends Door, AsyncDisposable {
  readonly did: string;
  readonly child: Child;
  /** Child processes of the node, by id. */
  workers(): readonly number[];
  /** Command lines of the child processes of that agent. */
  commandsOf(agentId: string): readonly (readonly string[])[];
  /** SIGTERM, then its end. */
  stop(): Promise<Ended>;
  /** SIGKILL, then its end. */
  crash(): Promise<Ended>;
}

export async function runningNode(settings: NodeSettings = {}): Promise<RunningNode> {
  const built = await bundles();
  await using owned = new AsyncDisposableStack();
  const data = settings.data ?? owned.use(await temporaryFolder()).path;
  const child = owned.use(startNode(built, data, settings));
  const ready = await child.line((line) => {
    const said = JSON.parse(line) as { event: string; url: string; did: string; error?: { code: string; message: string } };
    if (said.event === "error") throw new Error(`the node did not start: ${said.error?.code} ${said.error?.message}\n${child.stderr()}`);
    return said.event === "ready" ? said : undefined;
  });
  const door = await openDoor(ready.url, data);
  const kept = owned.move();
  return {
    ...door,
    did: ready.did,
    child,
    workers: () => childrenOf(child.pid),
    commandsOf(agentId) {
      const ofAgent = childrenOf(child.pid).filter((pid) => readFileSync(`/proc/${pid}/environ`, "latin1").includes(agentId));
      return ofAgent.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0"));
    },
    stop() {
      child.kill("SIGTERM");
      return child.ended;
    },
    crash() {
      child.kill("SIGKILL");
      return child.ended;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Starts a node and does not wait for it. */
export function startNode(built: Bundles, data: string, { env, args }: NodeSettings = {}): Child {
  return startChild(built.runtime, [built.node, "--data", data, "--port", "0", "--announce", "json", ...(args ?? [])], {
    env: { NODE_COMPILE_CACHE: built.compileCache, ...env },
  });
}

export async function openDoor(url: string, data: string): Promise<Door> {
  const token = (await readFile(join(data, "owner.token"), "utf8")).trim();
  return {
    url,
    data,
    token,
    client: createClient({ baseUrl: url, token, fetch }),
    frames: (topics, signal, since) =>
      frameStream({
        url: `${url.replace(/^http/, "ws")}/ws`,
        token,
        topics,
        signal,
        createSocket: (address, protocol) => new WebSocket(address, protocol),
        pause: (ms, until) =>
          new Promise((resolve) => AbortSignal.any([until, AbortSignal.timeout(ms)]).addEventListener("abort", () => resolve())),
        ...(since !== undefined && { since }),
      }),
    async grant(...roots) {
      const id = `test-${Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString("hex")}`;
      const content = { roots, expires_at: new Date(Date.now() + 300_000).toISOString() };
      await writeFile(join(data, "grants", `${id}.json`), JSON.stringify(content), { mode: 0o600 });
      return { grant: id };
    },
  };
}
