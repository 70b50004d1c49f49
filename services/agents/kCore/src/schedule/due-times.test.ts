import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueBetween, nextDue, readTime } from "./due-times.ts";
import type { ScheduleTime } from "./schedule-state.ts";

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "UTC",
];
const FORMATS = new Map(
  ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }),
  ]),
);
const MINUTE = 60_000;
const DAY = 86_400_000;

/** `2027-03-28 02:30`, as the clocks of the zone show it. */
function wall(atMs: number, zone: string): string {
  return FORMATS.get(zone)?.format(atMs).replace(", ", " ") ?? "";
}

/** Of all instants the first whose clock shows the time; where none does, the first whose clock shows a later one. */
function dailyTruth(hour: number, minute: number, zone: string, afterMs: number): number {
  const clock = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  let first = Number.POSITIVE_INFINITY;
  for (let day = -1; day <= 2; day++) {
    const date = new Date(afterMs + day * DAY).toISOString().slice(0, 10);
    const naive = Date.parse(`${date}T${clock}:00Z`);
    // Offsets are whole quarters of an hour.
    let due = Number.POSITIVE_INFINITY;
    let gapEnd = Number.POSITIVE_INFINITY;
    for (let shift = -14 * 60; shift <= 14 * 60 && due === Number.POSITIVE_INFINITY; shift += 15) {
      const shown = naive + shift * MINUTE;
      if (wall(shown, zone) === `${date} ${clock}`) due = shown;
      const quarter = Math.floor(shown / (15 * MINUTE)) * 15 * MINUTE;
      if (gapEnd === Number.POSITIVE_INFINITY && wall(quarter, zone) > `${date} ${clock}`) gapEnd = quarter;
    }
    if (due === Number.POSITIVE_INFINITY) due = gapEnd;
    if (due > afterMs && due < first) first = due;
  }
  return first;
}

function cron(pattern: string, zone: string): ScheduleTime {
  return { kind: "cron", pattern, zone };
}

const instant = fc.integer({ min: Date.parse("2019-01-01T00:00:00Z"), max: Date.parse("2035-01-01T00:00:00Z") });

describe("due times", () => {
  it("of a daily pattern are what the clocks of the zone show, over every change of the clocks", () => {
    const changes = [
      "2026-03-29T00:59:00Z",
      "2026-10-25T00:10:00Z",
      "2026-03-08T06:59:00Z",
      "2026-11-01T05:30:00Z",
      "2018-11-04T02:59:00Z",
      "2026-04-04T14:31:00Z",
    ];
    const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY, max: DAY })).map(([at, shift]) => Date.parse(at) + shift);
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: 0, max: 23 }),
        fc.constantFrom(0, 15, 30, 59),
        fc.oneof(near, instant),
        (zone, hour, minute, afterMs) => {
          const due = nextDue(cron(`${minute} ${hour} * * *`, zone), afterMs);
          expect(new Date(due ?? 0).toISOString()).toBe(new Date(dailyTruth(hour, minute, zone, afterMs)).toISOString());
        },
      ),
      { numRuns: 150 },
    );
  });

  it("come at the end of the hour that spring leaves out, and once where autumn shows an hour twice", () => {
    const daily = cron("30 2 * * *", "Europe/Berlin");
    expect(nextDue(daily, Date.parse("2026-03-28T12:00:00Z"))).toBe(Date.parse("2026-03-29T01:00:00Z"));
    const autumn = nextDue(daily, Date.parse("2026-10-24T12:00:00Z"));
    expect(autumn).toBe(Date.parse("2026-10-25T00:30:00Z"));
    expect(nextDue(daily, autumn ?? 0)).toBe(Date.parse("2026-10-26T01:30:00Z"));
    expect(nextDue(daily, Date.parse("2026-10-25T01:29:59Z"))).toBe(Date.parse("2026-10-26T01:30:00Z"));
  });

  it.each([
    ["Europe/Berlin", "2026-10-24T23:50:00Z"],
    ["Europe/Berlin", "2026-03-29T00:20:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T13:50:00Z"],
  ])("of a rhythm go on through every change of the clocks of %s after %s", (zone, from) => {
    const quarters = cron("*/15 * * * *", zone);
    const startMs = Math.ceil(Date.parse(from) / (15 * MINUTE)) * 15 * MINUTE;
    let dueMs = Date.parse(from);
    for (let n = 0; n < 20; n++) {
      dueMs = nextDue(quarters, dueMs) ?? 0;
      expect(dueMs).toBe(startMs + n * 15 * MINUTE);
    }
  });

  it("follow one another without end or standstill, and asking for those between two finds the same", () => {
    const patterns = ["*/15 * * * *", "0 9 * * 1-5", "30 2 * * *", "0 0 1 * *", "*/10 * * * * *", "@daily"];
    fc.assert(
      fc.property(fc.constantFrom(...patterns), fc.constantFrom(...ZONES), instant, (pattern, zone, fromMs) => {
        const time = cron(pattern, zone);
        const dues: number[] = [];
        for (let after = fromMs - 1; dues.length < 4; after = dues.at(-1) ?? 0) dues.push(nextDue(time, after) ?? 0);
        expect(dues).toEqual([...new Set(dues)].sort((left, right) => left - right));
        expect(dueBetween(time, fromMs, dues.at(-1) ?? 0, 100)).toEqual(dues);
        expect(dueBetween(time, fromMs, dues.at(-1) ?? 0, 2)).toEqual(dues.slice(-2));
        expect(dueBetween(time, fromMs, (dues[0] ?? 0) - 1, 100)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("of an interval stand at whole steps from where it began, whatever is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), instant, fc.integer({ min: -DAY, max: 400 * DAY }), (seconds, anchorMs, shift) => {
        const time: ScheduleTime = { kind: "interval", every_ms: seconds * 1000, anchor: new Date(anchorMs).toISOString(), zone: "UTC" };
        const afterMs = anchorMs + shift;
        const due = nextDue(time, afterMs) ?? 0;
        expect((due - anchorMs) % time.every_ms).toBe(0);
        expect(due).toBeGreaterThan(Math.max(afterMs, anchorMs));
        expect(due - time.every_ms).toBeLessThanOrEqual(Math.max(afterMs, anchorMs));
        expect(dueBetween(time, afterMs + 1, due, 3)).toEqual([due]);
      }),
    );
  });

  it("of a single time are one", () => {
    const nowMs = Date.parse("2026-01-01T00:00:00Z");
    const at = readTime({ at: "2026-03-29T02:30" }, "Europe/Berlin", nowMs);
    expect(at).toEqual({ kind: "at", at: "2026-03-29T01:30:00.000Z", zone: "Europe/Berlin" });
    expect(nextDue(at, nowMs)).toBe(Date.parse("2026-03-29T01:30:00Z"));
    expect(nextDue(at, Date.parse("2026-03-29T01:30:00Z"))).toBeNull();
    expect(readTime({ at: "2026-03-29T02:30:00+09:00" }, "UTC", nowMs)).toMatchObject({ at: "2026-03-28T17:30:00.000Z" });
    expect(readTime({ at: "2026-10-25 02:30" }, "Europe/Berlin", nowMs)).toMatchObject({ at: "2026-10-25T00:30:00.000Z" });
  });

  it.each([
    [{}, "either a time"],
    [{ at: "2027-01-01T00:00", every: "1h" }, "either a time"],
    [{ at: "2025-01-01T00:00:00Z" }, "has passed already"],
    [{ at: "2026-02-31T10:00" }, "is no time"],
    [{ at: "tomorrow" }, "is no time"],
    [{ at: "2026-02-03T25:00" }, "is no time"],
    [{ every: "" }, "is no cron pattern"],
    [{ every: "99 * * * *" }, "is no cron pattern: Invalid value for minute: 99. Write"],
    [{ every: "* * *" }, "is no cron pattern"],
    [{ every: "2027-01-01T00:00:00" }, "is no cron pattern"],
    [{ every: "x".repeat(10_000) }, "is no cron pattern"],
    [{ every: "0 0 31 2 *" }, "never comes"],
    [{ every: "0s" }, "from one second"],
    [{ every: "400d" }, "from one second"],
  ])("of %j are refused: %s", (wish, message) => {
    const read = (): ScheduleTime => readTime(wish, "UTC", Date.parse("2026-01-01T00:00:00Z"));
    expect(read).toThrow(expect.objectContaining({ code: "BAD_REQUEST", message: expect.stringContaining(message) }));
  });

  it("refuse a zone that nobody knows", () => {
    expect(() => readTime({ every: "1h" }, "Mars/Olympus", 0)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  it("are read as people write them", () => {
    const read = (every: string) => readTime({ every }, "UTC", 0);
    expect(read("1h30m")).toMatchObject({ kind: "interval", every_ms: 5_400_000 });
    expect(read("90s")).toMatchObject({ kind: "interval", every_ms: 90_000 });
    expect(read("@hourly")).toMatchObject({ kind: "cron", pattern: "@hourly" });
  });
});
