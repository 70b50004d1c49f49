import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ArchivedPlan, archivedPlanRow } from "../retention/archived-plan.ts";
import { applySchedule } from "./apply-schedule.ts";
import { SCHEDULE_EVENT_TYPES, type ScheduleEvent } from "./schedule-event.ts";
import { scheduleRow, stateOfRow } from "./schedule-row.ts";
import type { ScheduleState } from "./schedule-state.ts";

interface GoldenStream {
  readonly stream: string;
  readonly events: readonly { readonly type: string; readonly at: string; readonly payload: string }[];
  readonly state: unknown;
}

const ARCHIVED = "retention.archived";
const folder = new URL("../../golden/others/", import.meta.url);
const histories = readdirSync(folder).filter((name) => name.endsWith(".json"));

function streamsOf(name: string): readonly GoldenStream[] {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as readonly GoldenStream[];
}

function replayed({ stream, events }: GoldenStream): unknown {
  let state: ScheduleState | undefined;
  for (const { type, at, payload } of events) {
    const atMs = Date.parse(at);
    if (type === ARCHIVED) return archivedPlanRow(JSON.parse(payload) as ArchivedPlan, "local", 0, stream, atMs);
    state = applySchedule(state, { type, payload: JSON.parse(payload) } as ScheduleEvent, { tenant: "local", stream, atMs });
  }
  return state;
}

describe("golden histories of schedules and archives", () => {
  it.each(histories)("[R114] %s replays to the state it had when it was written", (name) => {
    const streams = streamsOf(name);
    expect(streams.length).toBeGreaterThan(0);
    for (const golden of streams) expect(JSON.parse(JSON.stringify(replayed(golden)))).toEqual(golden.state);
  });

  it.each(histories)("[R114] the states of %s are read back from their rows as they are", (name) => {
    for (const { state, events } of streamsOf(name)) {
      if (events[0]?.type === ARCHIVED) continue;
      const change = scheduleRow(state as ScheduleState, 0);
      if (change.op !== "put") throw new Error("a schedule's row is put");
      expect(stateOfRow({ body: String(change.row["body"]) })).toEqual(state);
    }
  });

  it("hold every kind of event there is: a new kind comes with a new history (golden/README.md)", () => {
    const types = new Set(histories.flatMap(streamsOf).flatMap(({ events }) => events.map(({ type }) => type)));
    expect([...SCHEDULE_EVENT_TYPES, ARCHIVED].filter((type) => !types.has(type))).toEqual([]);
  });
});
