// What the engine and its store do for a plan, counted: figures that do not depend on the machine. SQL statements are counted where the
// process runs them, so the store writes on this thread here.

import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { parseEventHeader } from "@kos/evidence";
import { STEPS_PER_PLAN } from "../../peers/src/peer.ts";
import { benchAgent } from "./bench-agent.ts";
import { type BenchEngine, openBenchEngine } from "./bench-engine.ts";
import { fanOutPlan, sequentialPlan } from "./bench-plan.ts";
import { recordingLog } from "./recorded-plan.ts";

export interface OperationCounts {
  readonly commits: number;
  readonly events: number;
  readonly rows: number;
  readonly statements: number;
  /** Columns of the header, payload, salt and leaf hash of the events, and the values of the rows. */
  readonly bytes: number;
}

/** Per step of plans of ten steps, run one after the other. */
export async function countsPerStep(folder: string): Promise<OperationCounts> {
  const plans = 5;
  const counts = await counted(folder, async (bench) => {
    for (let plan = 0; plan < plans; plan++) await bench.run(sequentialPlan(`counted ${plan}`));
  });
  return divided(counts, plans * STEPS_PER_PLAN);
}

/** Per item of one fan-out. */
export async function countsPerItem(folder: string, items: number): Promise<OperationCounts> {
  return divided(await counted(folder, (bench) => bench.run(fanOutPlan("counted", items))), items);
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;

async function counted(folder: string, work: (bench: BenchEngine) => Promise<void>): Promise<OperationCounts> {
  const seen = { commits: 0, events: 0, rows: 0, payloadBytes: 0, rowBytes: 0 };
  await using bench = await openBenchEngine({
    folder: join(folder, "counts"),
    agents: [benchAgent(() => undefined)],
    threaded: false,
    wrapLog: (log) =>
      recordingLog(log, ({ events, rows }) => {
        seen.commits += 1;
        seen.events += events.length;
        seen.rows += rows.length;
        seen.payloadBytes += events.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0);
        seen.rowBytes += rows.reduce((sum, row) => sum + bytesOf(Object.values(row.op === "put" ? row.row : row.key)), 0);
      }),
  });
  // What happens once, at the first plan, is not what a step costs.
  await bench.run(sequentialPlan("before"));
  const before = { ...seen };
  const statements = await countStatements(() => work(bench));
  const events = seen.events - before.events;
  const headerBytes = await headersSince(bench, before.events);
  return {
    commits: seen.commits - before.commits,
    events,
    rows: seen.rows - before.rows,
    statements,
    bytes: headerBytes + seen.payloadBytes - before.payloadBytes + seen.rowBytes - before.rowBytes + events * (SALT_BYTES + HASH_BYTES),
  };
}

async function headersSince(bench: BenchEngine, from: number): Promise<number> {
  const events = await bench.store.log.readPartition({ partition: 0, from, limit: 1_000_000 });
  return events.reduce((sum, { header }) => {
    const { type, tenant, at, prev } = parseEventHeader(header);
    return sum + type.length + tenant.length + at.length + HASH_BYTES + (prev === null ? 0 : HASH_BYTES);
  }, 0);
}

function bytesOf(values: readonly (string | number | null | Uint8Array)[]): number {
  const sizes = values.map((value) =>
    typeof value === "string" ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : value === null ? 0 : 8,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Every execution of a statement in this process while `work` runs. */
async function countStatements(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const methods = ["run", "get", "all", "iterate"] as const;
  const originals = methods.map((name) => [name, StatementSync.prototype[name]] as const);
  const exec = DatabaseSync.prototype.exec;
  for (const [name, original] of originals) {
    Object.defineProperty(StatementSync.prototype, name, {
      configurable: true,
      writable: true,
      value(this: StatementSync, ...values: never[]) {
        count += 1;
        return Reflect.apply(original, this, values) as unknown;
      },
    });
  }
  DatabaseSync.prototype.exec = function counting(sql: string) {
    count += 1;
    return exec.call(this, sql);
  };
  try {
    await work();
  } finally {
    for (const [name, original] of originals)
      Object.defineProperty(StatementSync.prototype, name, { configurable: true, writable: true, value: original });
    DatabaseSync.prototype.exec = exec;
  }
  return count;
}

function divided(counts: OperationCounts, by: number): OperationCounts {
  return {
    commits: counts.commits / by,
    events: counts.events / by,
    rows: counts.rows / by,
    statements: counts.statements / by,
    bytes: counts.bytes / by,
  };
}
