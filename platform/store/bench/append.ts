// Appends through the whole store beside a bare journal of the same rows and bytes, in one run: `node platform/store/bench/append.ts`.
// Prints ratios; absolute times depend on the machine.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSigner, encodeDidKey } from "@kos/klp";
import { type Commit, type Store, sqliteStore } from "../src/index.ts";
import { startJournal } from "./journal.ts";

const SEED = new Uint8Array(32).fill(7);
const DID = encodeDidKey(createSigner(SEED).publicKey);
const TABLES = [
  {
    owner: "bench",
    version: 1,
    statements: [
      "CREATE TABLE task (plan_id TEXT NOT NULL, task_id TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (plan_id, task_id)) STRICT, WITHOUT ROWID",
    ],
  },
];
const PAYLOAD = JSON.stringify({ result: "x".repeat(180) });
const STEPS_PER_PLAN = 10;

interface Appender {
  append(commit: Commit): Promise<unknown>;
}

async function main(): Promise<void> {
  const steps = Number(process.argv[2] ?? 60_000);
  const runs = Number(process.argv[3] ?? 5);
  for (const concurrency of [1, 64]) {
    const ratios: number[] = [];
    const cpuRatios: number[] = [];
    for (let run = 0; run < runs; run++) {
      const count = concurrency === 1 ? Math.floor(steps / 20) : steps;
      const floor = await measure(concurrency, count, openJournal);
      const store = await measure(concurrency, count, openStore);
      ratios.push(store.rate / floor.rate);
      cpuRatios.push(store.cpuUs / floor.cpuUs);
      const told = (name: string, measured: Measured) =>
        `${name} ${Math.round(measured.rate)} events/s, ${measured.cpuUs.toFixed(1)} us of processor each`;
      console.log(`c${concurrency}: ${told("store", store)}; ${told("journal", floor)}`);
    }
    console.log(
      `c${concurrency}: median rate ${median(ratios).toFixed(2)} of the journal's, processor ${median(cpuRatios).toFixed(2)} times its`,
    );
  }
}

interface Measured {
  readonly rate: number;
  readonly cpuUs: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measure(
  concurrency: number,
  steps: number,
  open: (folder: string) => Promise<Appender & AsyncDisposable>,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "kos-bench-"));
  const log = await open(folder);
  try {
    await drive(log, concurrency, Math.floor(steps / 10), 0);
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    await drive(log, concurrency, steps, Math.floor(steps / 10));
    const used = process.cpuUsage(cpu);
    return { rate: steps / (Number(process.hrtime.bigint() - start) / 1e9), cpuUs: (used.user + used.system) / steps };
  } finally {
    await log[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `concurrency` plans at once; a plan's next step is appended when the one before is durable. */
async function drive(log: Appender, concurrency: number, steps: number, first: number): Promise<void> {
  let version = first;
  let plans = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (;;) {
        const planId = `${first}-${String(plans++).padStart(24, "0")}`;
        for (let seq = 1; seq <= STEPS_PER_PLAN; seq++) {
          if (version >= first + steps) return;
          await log.append(commitOf(planId, seq, version++));
        }
      }
    }),
  );
}

function commitOf(planId: string, seq: number, version: number): Commit {
  return {
    partition: 0,
    epoch: 1,
    expected_version: version,
    events: [{ type: "task.succeeded", tenant: "local", plan_id: planId, plan_seq: seq, at: "2026-11-22T13:00:00.000Z", payload: PAYLOAD }],
    rows: [{ op: "put", table: "task", row: { plan_id: planId, task_id: `step${seq}`, state: "succeeded" } }],
  };
}

async function openStore(folder: string): Promise<Appender & AsyncDisposable> {
  const store: Store = await sqliteStore({
    path: join(folder, "kos.db"),
    signer: { did: DID, privateKeySeed: SEED },
    migrations: TABLES,
    now: () => new Date().toISOString(),
  });
  await store.log.claim(0);
  return { append: (commit) => store.log.append(commit), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

async function openJournal(folder: string): Promise<Appender & AsyncDisposable> {
  return startJournal(join(folder, "journal.db"));
}

await main();
