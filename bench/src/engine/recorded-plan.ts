// What the engine writes for one plan of ten steps, commit by commit, taken from a real run. The loaded floor and filled logs are made of it.

import { join } from "node:path";
import type { Commit, EventLog, NewEvent, RowChange } from "@kos/store";
import { benchAgent } from "./bench-agent.ts";
import { openBenchEngine } from "./bench-engine.ts";
import { sequentialPlan } from "./bench-plan.ts";

export interface RecordedCommit {
  readonly events: readonly NewEvent[];
  readonly rows: readonly RowChange[];
}

/** Whose commits are passed on and written down. */
export function recordingLog(log: EventLog, onCommit: (commit: Commit) => void): EventLog {
  return {
    ...log,
    append(commit) {
      onCommit(commit);
      return log.append(commit);
    },
  };
}

export async function recordPlan(folder: string): Promise<readonly RecordedCommit[]> {
  const commits: RecordedCommit[] = [];
  await using bench = await openBenchEngine({
    folder: join(folder, "recorded"),
    agents: [benchAgent(() => undefined)],
    wrapLog: (log) => recordingLog(log, ({ events, rows }) => commits.push({ events, rows })),
  });
  await bench.run(sequentialPlan("recorded"));
  return commits.filter(({ events }) => events.length > 0);
}

/** The same commit for another plan. */
export function forPlan({ events, rows }: RecordedCommit, planId: string): RecordedCommit {
  return { events: events.map((event) => ({ ...event, plan_id: streamOf(event, planId) })), rows: rows.map((row) => rowFor(row, planId)) };
}

/** A plan's own stream, or one that belongs to it and is named after it. */
function streamOf(event: NewEvent, planId: string): string {
  const own = /^[0-9a-f-]{36}$/;
  return own.test(event.plan_id) ? planId : event.plan_id.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, planId);
}

function rowFor(row: RowChange, planId: string): RowChange {
  return row.op === "put" ? { ...row, row: { ...row.row, plan_id: planId } } : { ...row, key: { ...row.key, plan_id: planId } };
}

export function planIdOf(plan: number): string {
  return `019a2b3c-4d5e-7f00-8a1b-${String(plan).padStart(12, "0")}`;
}
