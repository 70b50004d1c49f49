// One data folder under proof: life after life of its node, each ended by SIGKILL at an instant that the seed chooses, and a last one that
// is let finish its work and is then examined.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KosError } from "@kos/klp";
import { readOwnerToken } from "../connection/data-files.ts";
import { type OwnNode, startOwnNode } from "../own-node/own-node.ts";
import { type Check, examine } from "./crash-checks.ts";
import { type CrashLedger, crashLedger } from "./crash-ledger.ts";
import { crashWorkload, type Workload } from "./crash-workload.ts";
import { EFFECT_KINDS, type FakeReceiver, fakeReceiver } from "./fake-receiver.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** When a life ends: while it starts, some time after, right after a 202, or right when an effect arrived outside. */
export const INSTANTS = ["start", "work", "acknowledged", "effect"] as const;
export type Instant = (typeof INSTANTS)[number];

export interface LaneOptions {
  readonly name: string;
  readonly random: SeededRandom;
  readonly runtime: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly now: () => number;
  /** True as long as one more life is wanted; asked once before each. */
  readonly oneMore: () => boolean;
  readonly onKill: (what: Instant | "worker") => void;
  readonly signal: AbortSignal;
}

export interface LaneResult {
  readonly data: string;
  readonly did: string;
  readonly lives: number;
  readonly ledger: CrashLedger;
  readonly receiver: Pick<FakeReceiver, "effects" | "requests">;
  readonly checks: readonly Check[];
  readonly passed: boolean;
}

/** Starting is the longest part of a short life, so many kills fall into it; the others are where promises break. */
const CHOICE: readonly [Instant, ...Instant[]] = [
  "start",
  "start",
  "start",
  "work",
  "work",
  "acknowledged",
  "acknowledged",
  "effect",
  "effect",
];
const FIRST_GUESS_OF_START_MS = 500;
/** From ready on, in starts: a slow machine gets as far in its longer time. */
const MOST_WORK_STARTS = 0.7;
/** An instant that does not come, because nothing was handed in or sent, is not waited for longer. */
const PATIENCE_STARTS = 1.5;
/** The last life: everything open must end within it. */
const FINISH_WITHIN_MS = 120_000;

export async function runLane(options: LaneOptions): Promise<LaneResult> {
  const { random, name } = options;
  const data = await mkdtemp(join(tmpdir(), `kos-prove-${name}-`));
  await using receiver = await fakeReceiver(random.branch("receiver"), options.after);
  const ledger = crashLedger();
  const { fetch, pause } = options;
  const workload = crashWorkload({ lane: name, ledger, receiver, random: random.branch("plans"), fetch, pause });
  const env = {
    ...options.env,
    KOS_EGRESS__ALLOW_HOSTS: `${receiver.keyed},${receiver.plain}`,
    KOS_EGRESS__IDEMPOTENT_HOSTS: receiver.keyed,
  };
  const start = () => startOwnNode({ runtime: options.runtime, program: options.program, data, env });

  let startMs = FIRST_GUESS_OF_START_MS;
  let lives = 0;
  while (!options.signal.aborted && options.oneMore()) {
    lives += 1;
    startMs = await oneLife({
      ...options,
      random: random.branch(`life ${lives}`),
      node: start(),
      data,
      workload,
      ledger,
      receiver,
      startMs,
    });
  }
  options.signal.throwIfAborted();
  const last = start();
  try {
    const { did, checks } = await finish({ ...options, node: last, data, workload, ledger, receiver });
    const passed = checks.every((check) => check.passed);
    if (passed) await rm(data, { recursive: true, force: true });
    return { data, did, lives: lives + 1, ledger, receiver, checks, passed };
  } finally {
    last.kill("SIGKILL");
    await last.exited;
  }
}

interface Life extends LaneOptions {
  readonly node: OwnNode;
  readonly data: string;
  readonly workload: Workload;
  readonly ledger: CrashLedger;
  readonly receiver: FakeReceiver;
}

/** Returns how long a start takes, for choosing instants within the next one. */
async function oneLife(life: Life & { readonly startMs: number }): Promise<number> {
  const { node, random, ledger, receiver, startMs } = life;
  const instant = random.pick(CHOICE);
  const delayMs = instant === "start" ? random.whole(0, startMs) : random.whole(0, Math.round(startMs * MOST_WORK_STARTS));
  const bornAtMs = life.now();
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, life.signal]);
  const due = Promise.withResolvers<void>();
  const stops: (() => void)[] = [];
  let nextStartMs = startMs;
  let work: Promise<void> = Promise.resolve();
  let struck: Instant = instant === "start" ? "start" : "work";
  const strike = () => {
    struck = instant;
    due.resolve();
  };
  try {
    life.signal.addEventListener("abort", () => due.resolve(), { once: true });
    if (instant === "start") stops.push(life.after(delayMs, due.resolve));
    const whenReady = node.ready.then(async (ready) => {
      if (ready === undefined) return due.resolve();
      nextStartMs = Math.round((startMs + life.now() - bornAtMs) / 2);
      stops.push(life.after(Math.round(nextStartMs * PATIENCE_STARTS), due.resolve));
      let wanted = random.whole(1, 3);
      const onAcknowledged = () => {
        wanted -= 1;
        if (instant === "acknowledged" && wanted === 0) strike();
      };
      if (instant === "work") stops.push(life.after(delayMs, due.resolve));
      if (instant === "effect") stops.push(receiver.onNextRequest(random.pick(EFFECT_KINDS), strike));
      stops.push(...workerKills(life, delayMs));
      const token = await readOwnerToken(life.data);
      work = life.workload.drive({ url: ready.url, token, newPlans: random.whole(1, 3), signal, onAcknowledged });
      await work;
    });
    await Promise.race([due.promise, whenReady.then(() => due.promise)]);
  } finally {
    for (const stop of stops) stop();
    node.kill("SIGKILL");
    end.abort();
    const { code } = await node.exited;
    if (code !== null && code !== 0) ledger.complain(`a node ended by itself with code ${code}: ${node.said().slice(-2000)}`);
    else life.onKill(struck);
    await work.catch((error: unknown) => ledger.complain(`the node answered with an error: ${String(error)}`));
  }
  return nextStartMs;
}

/** In every third life one worker process dies before the node does. */
function workerKills({ random, node, receiver, after, onKill }: Life, withinMs: number): (() => void)[] {
  if (random.next() > 0.33) return [];
  const kill = () => {
    void node.killWorker((count) => random.whole(0, Math.max(0, count - 1))).then((done) => done && onKill("worker"));
  };
  return random.next() < 0.5 ? [after(random.whole(0, withinMs), kill)] : [receiver.onNextRequest(random.pick(EFFECT_KINDS), kill)];
}

async function finish(life: Life): Promise<{ readonly did: string; readonly checks: readonly Check[] }> {
  const { node, data, workload, ledger, receiver } = life;
  const ready = await node.ready;
  if (ready === undefined) {
    const detail = `The store in ${data} did not open: ${node.said().slice(-2000)}`;
    return { did: "", checks: [{ id: "opens", title: "The store opens after the last kill", passed: false, detail, items: [] }] };
  }
  const limit = AbortSignal.any([life.signal, AbortSignal.timeout(FINISH_WITHIN_MS)]);
  const token = await readOwnerToken(data);
  await workload.drive({ url: ready.url, token, newPlans: 0, signal: limit, onAcknowledged: () => undefined });
  life.signal.throwIfAborted();
  const checks = await examine({ url: ready.url, token, did: ready.did, fetch: life.fetch, ledger, receiver });
  node.kill("SIGTERM");
  const { code, signal } = await node.exited;
  if (signal !== null && code === null) throw new KosError("INTERNAL", `The node was ended by ${signal} while it was examined.`);
  const ended = { id: "ends", title: "The last node ends in order", passed: code === 0, detail: `Exit code ${code}.`, items: [] };
  return { did: ready.did, checks: [...checks, ended] };
}
