// Records a golden history of what is no plan: for every kind of event a stream of a schedule that ends with it, from a few simulated runs, and
// the record of an archived plan. See README.md.
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { archivedPlanRow } from "../src/retention/archived-plan.ts";
import { applySchedule } from "../src/schedule/apply-schedule.ts";
import { decideChange } from "../src/schedule/decide-schedule.ts";
import { SCHEDULE_EVENT_TYPES } from "../src/schedule/schedule-event.ts";
import { simulate } from "../src/simulation/simulate.ts";

const file = new URL(`./others/history-${process.argv[2] ?? "new"}.json`, import.meta.url);
if (existsSync(file)) throw new Error(`${file.pathname} is there already; a history is never changed`);

const HOUR_MS = 3_600_000;
const missing = new Set(SCHEDULE_EVENT_TYPES);
const streams = [];

function replay(stream, events) {
  return events.reduce(
    (state, { type, at, payload }) =>
      applySchedule(state, { type, payload: JSON.parse(payload) }, { tenant: "local", stream, atMs: Date.parse(at) }),
    undefined,
  );
}

/** Simulated people do not change schedules; here one gets another rhythm. */
function changed(state) {
  const atMs = state.updatedAtMs + HOUR_MS;
  const when = { kind: "cron", pattern: "0 9 * * 1-5", zone: "Europe/Berlin" };
  const wish = { name: "changed", when, missed: "all", overlap: "queue" };
  const [event] = decideChange(state, wish, { id: "person:ada", kind: "person" }, atMs);
  return { type: event.type, at: new Date(atMs).toISOString(), payload: JSON.stringify(event.payload) };
}

for (let seed = 1; missing.size > 0 && seed < 20_000; seed++) {
  for (const [stream, found] of simulate({ seed }).streams) {
    if (!found[0]?.type.startsWith("schedule.")) continue;
    const events = found.map(({ type, at, payload }) => ({ type, at, payload }));
    const state = replay(stream, events);
    if (!state.removed && missing.has("schedule.changed")) events.push(changed(state));
    // Cut off behind the kind that is wanted, so that the state shows what that event did.
    for (const [place, { type }] of events.entries()) {
      if (!missing.delete(type)) continue;
      const until = events.slice(0, place + 1);
      streams.push({ stream, events: until, state: replay(stream, until) });
    }
  }
}
if (missing.size > 0) throw new Error(`no run holds ${[...missing].join(", ")}`);

const record = {
  plan_id: "01a21f62-ef4c-7109-b0bd-a305ab9a7b9a",
  status: "succeeded",
  ended_at: "2027-01-10T00:00:00.000Z",
  archive: { file: "2027-01/run-01a21f62-ef4c-7109-b0bd-a305ab9a7b9a.kos.json.gz", sha256: `sha256:${"5a".repeat(32)}`, bytes: 4321 },
};
const stream = "01a21f62-ef4c-7109-b0bd-a305ab9a7b9b";
const at = "2027-04-10T00:00:00.000Z";
const events = [{ type: "retention.archived", at, payload: JSON.stringify(record) }];
streams.push({ stream, events, state: archivedPlanRow(record, "local", 0, stream, Date.parse(at)) });
writeFileSync(file, `${JSON.stringify(streams, null, 1)}\n`);
process.stdout.write(`${streams.length} streams\n`);
