// When a schedule is due. Cron patterns are croner's, in the zone of the schedule, with cron's rules for the clocks: a fixed time that they skip
// in spring comes at the end of the gap, one that they show twice in autumn comes the first time only; what repeats by a wildcard or a step goes
// on through both.

import { KosError } from "@kos/klp";
import { Cron } from "croner";
import type { ScheduleTime } from "./schedule-state.ts";

/** What a person may write: `at` or `every`, never both. */
export interface TimeWish {
  /** RFC 3339 with an offset, or a local date and time of the zone: `2027-03-01T09:00`. */
  readonly at?: string | undefined;
  /** A cron pattern of five fields (six with seconds), `@daily` and the like, or an interval: `90s`, `15m`, `6h`, `1d`. */
  readonly every?: string | undefined;
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 366 * 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const INTERVAL = /^(?:\d{1,9}(?:s|m|min|h|d|w))+$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?$/;
/** croner is asked for a time before everything. */
const BEFORE_ALL = new Date(-62_135_596_800_000);
const MAX_PATTERNS = 2_000;

const patterns = new Map<string, Cron>();

/** Errors: BAD_REQUEST for what is no time, no pattern, no zone, or never due. */
export function readTime(wish: TimeWish, zone: string, nowMs: number): ScheduleTime {
  checkZone(zone);
  if ((wish.at === undefined) === (wish.every === undefined)) {
    throw bad("A schedule has either a time (`at`) or a rhythm (`every`). Give one of the two.");
  }
  if (wish.at !== undefined) {
    const atMs = readInstant(wish.at.trim(), zone);
    if (atMs <= nowMs) throw bad(`${new Date(atMs).toISOString()} has passed already. Give a time to come.`);
    return { kind: "at", at: new Date(atMs).toISOString(), zone };
  }
  const every = (wish.every ?? "").trim();
  if (INTERVAL.test(every)) {
    const everyMs = intervalMs(every);
    if (everyMs < SHORTEST_MS || everyMs > LONGEST_MS) throw bad(`An interval is from one second to 366 days, which "${every}" is not.`);
    return { kind: "interval", every_ms: everyMs, anchor: new Date(nowMs).toISOString(), zone };
  }
  const time: ScheduleTime = { kind: "cron", pattern: every, zone };
  if (nextDue(time, nowMs) === null) throw bad(`The pattern "${every}" names a time that never comes.`);
  return time;
}

/** The first due time after `afterMs`; null when there is none. */
export function nextDue(time: ScheduleTime, afterMs: number): number | null {
  switch (time.kind) {
    case "at": {
      const atMs = Date.parse(time.at);
      return atMs > afterMs ? atMs : null;
    }
    case "interval": {
      const anchorMs = Date.parse(time.anchor);
      const steps = Math.max(1, Math.floor((afterMs - anchorMs) / time.every_ms) + 1);
      return anchorMs + steps * time.every_ms;
    }
    case "cron": {
      return cronOf(time).nextRun(new Date(afterMs))?.getTime() ?? null;
    }
  }
}

/** The newest due times from `fromMs` to `untilMs`, both inclusive, at most `limit` of them, oldest first. */
export function dueBetween(time: ScheduleTime, fromMs: number, untilMs: number, limit: number): readonly number[] {
  switch (time.kind) {
    case "at": {
      const atMs = Date.parse(time.at);
      return atMs >= fromMs && atMs <= untilMs ? [atMs] : [];
    }
    case "interval": {
      const anchorMs = Date.parse(time.anchor);
      const last = Math.floor((untilMs - anchorMs) / time.every_ms);
      const first = Math.max(1, Math.ceil((fromMs - anchorMs) / time.every_ms), last - limit + 1);
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => anchorMs + (first + index) * time.every_ms);
    }
    case "cron": {
      // Whole seconds, and strictly before the next one.
      const reference = new Date((Math.floor(untilMs / 1000) + 1) * 1000);
      const found = cronOf(time).previousRuns(limit, reference);
      return found
        .map((due) => due.getTime())
        .filter((dueMs) => dueMs >= fromMs && dueMs <= untilMs)
        .reverse();
    }
  }
}

function cronOf({ pattern, zone }: Extract<ScheduleTime, { kind: "cron" }>): Cron {
  const key = `${zone} ${pattern}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const made = makeCron(pattern, zone);
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  patterns.set(key, made);
  return made;
}

function makeCron(pattern: string, zone: string): Cron {
  const hint = "Write five fields (minute hour day month weekday), as in `0 9 * * 1-5`, or an interval as `15m`.";
  // A date is a pattern to croner; here it is `at`.
  if (pattern.length > 200 || /^\d{4}-/.test(pattern)) throw bad(`"${pattern.slice(0, 60)}" is no cron pattern. ${hint}`);
  try {
    return new Cron(pattern, { timezone: zone, paused: true, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: |\.$/g, "") : "it cannot be read";
    throw bad(`"${pattern.slice(0, 60)}" is no cron pattern: ${why}. ${hint}`, cause);
  }
}

function readInstant(text: string, zone: string): number {
  if (WITH_OFFSET.test(text)) {
    const atMs = Date.parse(text.replace(" ", "T"));
    if (!Number.isNaN(atMs)) return atMs;
  }
  const [, day, clock, seconds = ":00"] = LOCAL.exec(text) ?? [];
  if (day !== undefined && clock !== undefined) {
    const local = `${day}T${clock}${seconds}`;
    // Refuses the 31st of February, which croner would carry over into March.
    const check = new Date(`${local}Z`);
    if (!Number.isNaN(check.getTime()) && check.toISOString().startsWith(local)) {
      const at = new Cron(local, { timezone: zone, paused: true }).nextRun(BEFORE_ALL);
      if (at !== null) return at.getTime();
    }
  }
  throw bad(
    `"${text.slice(0, 60)}" is no time. Write it as 2027-03-01T09:00 in the schedule's zone, or with an offset: 2027-03-01T09:00:00Z.`,
  );
}

function intervalMs(text: string): number {
  let sum = 0;
  for (const [, digits = "0", unit = "s"] of text.matchAll(/(\d+)(min|s|m|h|d|w)/g)) sum += Number(digits) * (UNIT_MS[unit] ?? 0);
  return sum;
}

function checkZone(zone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone: zone });
  } catch (cause) {
    throw bad(`"${zone.slice(0, 60)}" is no time zone. Use an IANA name such as Europe/Berlin or UTC.`, cause);
  }
}

function bad(message: string, cause?: unknown): KosError {
  return new KosError("BAD_REQUEST", message, cause === undefined ? {} : { cause });
}
