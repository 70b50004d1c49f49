// The event log alone: appends through the whole store beside a bare journal, and what one costs as the log grows.

import { join } from "node:path";
import { type Commit, type NewEvent, type Store, sqliteStore } from "@kos/store";
import { STEPS_PER_PLAN } from "../../peers/src/peer.ts";
import { benchSigner } from "../engine/bench-signer.ts";
import type { BareStep } from "../floors/bare-journal.ts";
import { threadWriter } from "../floors/group-writer.ts";
import { driveSteps } from "../harness/drive-steps.ts";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { planFigures, planReading } from "../harness/plan-reading.ts";
import { median } from "../harness/statistics.ts";

const PAYLOAD = JSON.stringify({ result: "x".repeat(185) });
const AT = "2026-11-22T13:00:00.000Z";
const WINDOW_PLANS = 100;
const FILL_EVENTS = 500;

export const log: Suite = {
  name: "log",
  title: "Store: one event a step, hash-linked, in a signed tree, threaded writer",
  figures: [1, 64].flatMap((concurrency) => [
    ...planFigures({ id: `journal_c${concurrency}`, title: `floor: bare journal, c${concurrency}`, unit: "events/s" }),
    ...planFigures({ id: `store_c${concurrency}`, title: `append, c${concurrency}`, unit: "events/s", beside: `journal_c${concurrency}` }),
  ]),
  async open({ folder, quick }) {
    const own = await openLog(join(folder, "store"));
    const journal = await threadWriter<BareStep>(new URL("../floors/bare-journal.ts", import.meta.url), join(folder, "journal.db"));
    let plans = 0;
    const [few, many] = quick ? [50, 1_000] : [300, 6_000];
    const contender = (
      id: string,
      concurrency: number,
      count: number,
      write: (plan: number, step: number) => Promise<void>,
    ): Contender => ({
      name: `${id} c${concurrency}`,
      async measure() {
        const first = plans;
        plans += count;
        return planReading(`${id}_c${concurrency}`, await driveSteps(concurrency, count, (plan, step) => write(first + plan, step)));
      },
    });
    const bare = (plan: number, step: number) => journal.write({ plan, step, result: PAYLOAD });
    return {
      contenders: [
        contender("journal", 1, few, bare),
        contender("store", 1, few, (plan, step) => own.append(plan, step)),
        contender("journal", 64, many, bare),
        contender("store", 64, many, (plan, step) => own.append(plan, step)),
      ],
      async [Symbol.asyncDispose]() {
        await own.store[Symbol.asyncDispose]();
        await journal[Symbol.asyncDispose]();
      },
    };
  },
};

const LEVELS = [10_000, 100_000, 1_000_000] as const;
const YOUNG_EVENTS = 1_000;
const WINDOWS = 3;

export const logGrowth: Suite = {
  name: "log-growth",
  title: "Store: cost of an append at c64 as the log grows, each beside a log that starts with 10^3 events",
  figures: LEVELS.flatMap((level): FigureSpec[] => [
    { id: `young_${level}`, title: `young log, beside ${level.toLocaleString("en-GB")}`, unit: "µs/event", better: "none" },
    {
      id: `grown_${level}`,
      title: `${level.toLocaleString("en-GB")} events`,
      unit: "µs/event",
      better: "lower",
      beside: `young_${level}`,
      ...(level === 1_000_000 && { target: { of: "ratio", must: 1.5, aim: 1.1 } as const }),
    },
  ]),
  async open(settings) {
    const opened: BenchLog[] = [];
    const contenders: Contender[] = [];
    for (const level of settings.quick ? LEVELS.filter((level) => level <= 100_000) : LEVELS) {
      for (const [id, events] of [[`young_${level}`, YOUNG_EVENTS] as const, [`grown_${level}`, level] as const]) {
        const log = await openLog(join(settings.folder, id));
        opened.push(log);
        await log.fill(events);
        contenders.push({ name: id, measure: async () => ({ [id]: await costUs(log) }) });
      }
    }
    return {
      contenders,
      warmUps: 2,
      async [Symbol.asyncDispose]() {
        for (const { store } of opened) await store[Symbol.asyncDispose]();
      },
    };
  },
};

interface BenchLog {
  readonly store: Store;
  /** Plans named so far. */
  plans: number;
  append(plan: number, step: number): Promise<void>;
  /** Many events in one commit. */
  fill(events: number): Promise<void>;
}

/** Median of a few windows, so that one checkpoint of the file does not decide. */
async function costUs(log: BenchLog): Promise<number> {
  const costs: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const first = log.plans;
    log.plans += WINDOW_PLANS;
    const { elapsedMs, steps } = await driveSteps(64, WINDOW_PLANS, (plan, step) => log.append(first + plan, step));
    costs.push((1000 * elapsedMs) / steps);
  }
  return median(costs);
}

async function openLog(folder: string): Promise<BenchLog> {
  const store = await sqliteStore({
    path: join(folder, "kos.db"),
    signer: benchSigner,
    migrations: [
      {
        owner: "bench",
        version: 1,
        statements: [
          "CREATE TABLE task (plan_id TEXT NOT NULL, task_id TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (plan_id, task_id)) STRICT, WITHOUT ROWID",
        ],
      },
    ],
    now: () => new Date().toISOString(),
  });
  const { epoch } = await store.log.claim(0);
  let version = 0;
  const commitOf = (steps: readonly (readonly [plan: number, step: number])[]): Commit => {
    const commit: Commit = {
      partition: 0,
      epoch,
      expected_version: version,
      events: steps.map(([plan, step]) => eventOf(plan, step)),
      rows: steps.map(([plan, step]) => ({
        op: "put",
        table: "task",
        row: { plan_id: planId(plan), task_id: `step${step}`, state: "succeeded" },
      })),
    };
    version += steps.length;
    return commit;
  };
  const log: BenchLog = {
    store,
    plans: 0,
    append: async (plan, step) => void (await store.log.append(commitOf([[plan, step]]))),
    async fill(events) {
      for (let done = 0; done < events; done += FILL_EVENTS) {
        const steps = Array.from(
          { length: FILL_EVENTS },
          (_, index) => [log.plans + Math.floor(index / STEPS_PER_PLAN), 1 + (index % STEPS_PER_PLAN)] as const,
        );
        log.plans += FILL_EVENTS / STEPS_PER_PLAN;
        await store.log.append(commitOf(steps));
      }
    },
  };
  return log;
}

function eventOf(plan: number, step: number): NewEvent {
  return { type: "task.succeeded", tenant: "local", plan_id: planId(plan), plan_seq: step, at: AT, payload: PAYLOAD };
}

function planId(plan: number): string {
  return `019a2b3c-4d5e-7f00-8a1b-${String(plan).padStart(12, "0")}`;
}
