import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySchedule } from "./apply-schedule.ts";
import {
  decideCreate,
  decideDueSchedule,
  decideEnded,
  decideRemove,
  decideResumeSchedule,
  decideRunNow,
  decideStarted,
  MAX_AT_ONCE,
  MAX_MADE_UP,
  MAX_QUEUED,
} from "./decide-schedule.ts";
import { dueBetween } from "./due-times.ts";
import type { ScheduleDefinition, ScheduleEvent } from "./schedule-event.ts";
import { runsToMake, type ScheduleState, scheduleStatus } from "./schedule-state.ts";

const START = Date.parse("2027-03-01T00:00:00Z");
const HOUR = 3_600_000;
const ADA = { id: "person:ada", kind: "person" } as const;

function definition(rest: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    name: "test",
    request: {},
    when: { kind: "interval", every_ms: HOUR, anchor: new Date(START).toISOString(), zone: "UTC" },
    missed: "once",
    overlap: "skip",
    grants: { fs_roots: [] },
    approval: false,
    created_by: ADA.id,
    ...rest,
  };
}

/** A schedule to which things happen; ending a run is the test's own doing. */
function subject(rest: Partial<ScheduleDefinition> = {}) {
  const all: ScheduleEvent[] = [];
  let state: ScheduleState | undefined;
  const take = (events: readonly ScheduleEvent[], atMs: number): readonly ScheduleEvent[] => {
    for (const event of events) state = applySchedule(state, event, { tenant: "local", stream: "s", atMs });
    all.push(...events);
    return events;
  };
  take(decideCreate("id", definition(rest), undefined, START), START);
  const now = (): ScheduleState => state as ScheduleState;
  return {
    all,
    now,
    take,
    due: (atMs: number) => take(decideDueSchedule(now(), atMs), atMs),
    /** Every run that may begin begins and ends. */
    finish(atMs: number): number {
      let count = 0;
      for (let [run] = runsToMake(now()); run !== undefined; [run] = runsToMake(now())) {
        take(decideStarted(run, `plan-${run.run}`, []), atMs);
        take(decideEnded(now(), `plan-${run.run}`, "succeeded", undefined), atMs);
        count++;
      }
      return count;
    },
  };
}

const fired = (events: readonly ScheduleEvent[]) => events.flatMap((event) => (event.type === "schedule.fired" ? [event.payload] : []));

describe("a schedule", () => {
  it("[R119] sees to every due time exactly once, whatever the clock does: jumps of hours, standstill, long absence", () => {
    const step = fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constantFrom(HOUR, -HOUR, 5 * HOUR, -2 * HOUR, 30 * HOUR));
    const policies = fc.record({
      missed: fc.constantFrom("skip", "once", "all"),
      overlap: fc.constantFrom("skip", "queue", "allow"),
    } as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), policies, fc.integer({ min: 1, max: 90 }), (steps, policy, minutes) => {
        const when = { kind: "interval", every_ms: minutes * 60_000, anchor: new Date(START).toISOString(), zone: "UTC" } as const;
        const schedule = subject({ ...policy, when });
        let atMs = START;
        let latestMs = START;
        for (const [index, ms] of steps.entries()) {
          atMs += ms;
          latestMs = Math.max(latestMs, atMs);
          schedule.due(atMs);
          if (index % 3 === 0) schedule.finish(atMs);
        }
        const seen: number[] = [];
        for (const event of schedule.all) {
          if (event.type === "schedule.fired") seen.push(Date.parse(event.payload.due_at));
          else if (event.type === "schedule.passed_over")
            seen.push(...dueBetween(when, Date.parse(event.payload.from), Date.parse(event.payload.to), 100_000));
        }
        expect(seen).toEqual([...new Set(seen)].sort((left, right) => left - right));
        expect(seen).toEqual(dueBetween(when, START, latestMs, 100_000));
      }),
    );
  });

  it("after a downtime runs nothing under skip, once under once, and each that is left under all, up to a bound", () => {
    const skip = subject({ missed: "skip" });
    expect(fired(skip.due(START + 5.5 * HOUR))).toEqual([]);
    expect(skip.now().nextAtMs).toBe(START + 6 * HOUR);
    const once = subject({ missed: "once" });
    expect(fired(once.due(START + 5.5 * HOUR))).toMatchObject([{ cause: "missed", due_at: "2027-03-01T05:00:00.000Z", queued: false }]);
    const all = subject({ missed: "all" });
    expect(fired(all.due(START + 5.5 * HOUR)).map(({ due_at, queued }) => [due_at.slice(11, 13), queued])).toEqual([
      ["01", false],
      ["02", true],
      ["03", true],
      ["04", true],
      ["05", true],
    ]);
    expect(all.finish(START + 6 * HOUR - 1)).toBe(5);
    const long = subject({ missed: "all" });
    expect(fired(long.due(START + 1000 * HOUR + 120_000))).toHaveLength(MAX_MADE_UP);
    expect(long.all.find((event) => event.type === "schedule.passed_over")).toMatchObject({ payload: { cause: "missed" } });
  });

  it("that is seen to in time is not late, also under skip", () => {
    const schedule = subject({ missed: "skip" });
    expect(fired(schedule.due(START + HOUR + 900))).toMatchObject([{ cause: "time" }]);
  });

  it("that is due while a run is under way leaves it out, lets it wait or runs both, each within its bound", () => {
    const hours = (schedule: ReturnType<typeof subject>, count: number) => {
      for (let hour = 1; hour <= count; hour++) schedule.due(START + hour * HOUR);
      return schedule.now();
    };
    expect(hours(subject({ overlap: "skip" }), 3)).toMatchObject({ runCount: 1, open: [{ run: 1 }] });
    const queue = subject({ overlap: "queue" });
    expect(hours(queue, 3).open.map(({ queued }) => queued)).toEqual([false, true, true]);
    expect(runsToMake(queue.now()).map(({ run }) => run)).toEqual([1]);
    expect(queue.finish(START + 3 * HOUR)).toBe(3);
    expect(hours(subject({ overlap: "queue" }), 50).open).toHaveLength(MAX_QUEUED + 1);
    const allow = hours(subject({ overlap: "allow" }), 3);
    expect(runsToMake(allow).map(({ run }) => run)).toEqual([1, 2, 3]);
    expect(hours(subject({ overlap: "allow" }), 50).open).toHaveLength(MAX_AT_ONCE);
  });

  it("passes over what falls due while it is paused, and goes on with the next", () => {
    const schedule = subject();
    schedule.take([{ type: "schedule.paused", payload: { by: "ada" } }], START);
    expect(schedule.due(START + 3.5 * HOUR)).toEqual([]);
    schedule.take(decideResumeSchedule(schedule.now(), ADA, undefined, START + 3.5 * HOUR), START + 3.5 * HOUR);
    expect(schedule.due(START + 3.6 * HOUR)).toEqual([]);
    expect(fired(schedule.due(START + 4 * HOUR))).toHaveLength(1);
  });

  it("for a single time ends with its run", () => {
    const schedule = subject({ when: { kind: "at", at: new Date(START + HOUR).toISOString(), zone: "UTC" } });
    expect(scheduleStatus(schedule.now())).toBe("active");
    expect(fired(schedule.due(START + HOUR))).toHaveLength(1);
    expect(scheduleStatus(schedule.now())).toBe("active");
    schedule.finish(START + HOUR);
    expect(scheduleStatus(schedule.now())).toBe("ended");
    expect(schedule.due(START + 900 * HOUR)).toEqual([]);
  });

  it("removed while a run is under way lets that end and drops those that wait", () => {
    const schedule = subject({ overlap: "queue" });
    schedule.due(START + HOUR);
    schedule.take(decideStarted(schedule.now().open[0] as never, "plan-1", []), START);
    schedule.due(START + 2 * HOUR);
    schedule.take(decideRemove(schedule.now(), ADA, undefined), START);
    expect(schedule.now().open.map(({ run }) => run)).toEqual([1]);
    expect(schedule.due(START + 9 * HOUR)).toEqual([]);
    schedule.take(decideEnded(schedule.now(), "plan-1", "failed", undefined), START);
    expect(schedule.now().ended).toMatchObject([{ run: 1, status: "failed" }]);
    expect(() => decideRunNow(schedule.now(), ADA, undefined, START)).toThrow(expect.objectContaining({ code: "CONFLICT" }));
  });

  it("run by hand obeys the overlap policy and leaves the due times alone", () => {
    const schedule = subject();
    schedule.take(decideRunNow(schedule.now(), ADA, undefined, START + 5), START + 5);
    expect(schedule.now()).toMatchObject({ runCount: 1, nextAtMs: START + HOUR, open: [{ cause: "person" }] });
    expect(() => decideRunNow(schedule.now(), ADA, undefined, START + 6)).toThrow(/still under way/);
  });

  it("remembers the newest run that succeeded, and the last twenty", () => {
    const schedule = subject();
    for (let hour = 1; hour <= 30; hour++) {
      schedule.due(START + hour * HOUR);
      schedule.finish(START + hour * HOUR);
    }
    expect(schedule.now().lastSucceeded).toBe("plan-30");
    expect(schedule.now().ended).toHaveLength(20);
    expect(JSON.parse(JSON.stringify(schedule.now()))).toEqual(schedule.now());
  });
});
