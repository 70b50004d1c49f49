// A node inside the test's own process, for what cannot be done from outside: another worker program in place of the real one, and a clock
// that can be set forward. Everything else is as in a node of its own; its workers are real processes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { configFiles, loadConfig } from "@kos/config";
import { type NodeOptions, startNode } from "@kos/node";
import { bundles, CHECKOUT } from "./bundles.fixture.ts";
import { childrenOf } from "./child.fixture.ts";
import { type Door, openDoor } from "./node.fixture.ts";
import { temporaryFolder } from "./temporary-folder.fixture.ts";

export interface SettableClock {
  readonly clock: NodeOptions["clock"];
  /** The time jumps, forward or back; timers that fall due then run, as after a machine's sleep. */
  jump(ms: number): void;
}

export function settableClock(): SettableClock {
  let offsetMs = 0;
  const timers = new Set<{ dueMs: number; run: () => void; handle: NodeJS.Timeout }>();
  const now = () => Date.now() + offsetMs;
  const arm = (timer: { dueMs: number; run: () => void }) =>
    setTimeout(
      () => {
        timers.delete(timer as never);
        timer.run();
      },
      Math.min(2_147_483_647, Math.max(0, timer.dueMs - now())),
    );
  return {
    clock: {
      now,
      after(ms, run) {
        const timer = { dueMs: now() + ms, run, handle: undefined as never as NodeJS.Timeout };
        timer.handle = arm(timer);
        timers.add(timer);
        return () => {
          clearTimeout(timer.handle);
          timers.delete(timer);
        };
      },
    },
    jump(ms) {
      offsetMs += ms;
      for (const timer of timers) {
        clearTimeout(timer.handle);
        timer.handle = arm(timer);
      }
    },
  };
}

export interface InProcessNode extends Door, AsyncDisposable {
  readonly did: string;
  /** Its child processes, by id. */
  workers(): readonly number[];
}

export interface InProcessSettings {
  readonly data?: string;
  /** A program that stands where the worker's should; it finds the real one in `planted.json` of the data folder. */
  readonly worker?: URL;
  readonly clock?: NodeOptions["clock"];
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Where the console lies and what builds it; default: nowhere, nothing. */
  readonly console?: NodeOptions["console"];
}

export async function inProcessNode({ data: given, worker, clock, flags, console }: InProcessSettings): Promise<InProcessNode> {
  const built = await bundles();
  await using owned = new AsyncDisposableStack();
  const data = given ?? owned.use(await temporaryFolder()).path;
  writeFileSync(join(data, "planted.json"), JSON.stringify({ worker: built.worker }), { mode: 0o600 });
  const before = new Set(childrenOf(process.pid));
  const config = await loadConfig({
    shippedDir: join(CHECKOUT, "config"),
    dataDir: data,
    env: {},
    flags: { "listen.port": 0, ...flags },
    files: configFiles,
  });
  const node = await startNode({
    data,
    config,
    mode: "service",
    version: "0.0.0-test",
    clock: clock ?? settableClock().clock,
    entries: {
      worker: worker === undefined ? built.worker : worker.pathname,
      writer: pathToFileURL(built.writer),
      auditor: pathToFileURL(built.auditor),
    },
    shippedPlaybooks: join(CHECKOUT, "playbooks"),
    console: console ?? { folder: join(data, "no-console"), program: join(data, "no-program.mjs"), env: {} },
    path: process.env["PATH"] ?? "",
    watchLog: undefined,
    onLogError: () => undefined,
  });
  owned.defer(() => node.close());
  const door = await openDoor(node.url, data);
  const kept = owned.move();
  return {
    ...door,
    did: node.did,
    workers: () => childrenOf(process.pid).filter((pid) => !before.has(pid)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
