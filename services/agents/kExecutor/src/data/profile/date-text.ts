// Dates and times as texts spell them: ISO 8601 and RFC 3339, the year first with slashes, and day or month first with dots or slashes.

export interface DateReading {
  /** Milliseconds since the epoch; where no offset is given, as if it were UTC. */
  readonly epochMs: number;
  readonly hasTime: boolean;
}

const YEAR_FIRST =
  /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s?(Z|[+-]\d{2}:?\d{2}))?)?$/i;
const YEAR_LAST = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * `31.12.2024` is day first. With slashes or dashes the month comes first unless the first number cannot be one: which of the two a column means is
 * said by `dayOrder` over all its values.
 */
export function dateOf(text: string): DateReading | undefined {
  const first = YEAR_FIRST.exec(text);
  if (first !== null) {
    const [, year, , month, day, hour, minute, second, fraction, offset] = first;
    const date = dayMs(Number(year), Number(month), Number(day));
    const time = timeMs(hour, minute, second, fraction);
    if (date === undefined || time === undefined) return undefined;
    return { epochMs: date + time - offsetMs(offset), hasTime: hour !== undefined };
  }
  const last = YEAR_LAST.exec(text);
  if (last === null) return undefined;
  const [, one, mark, two, year, hour, minute, second] = last;
  const dayFirst = mark === "." || Number(one) > 12;
  const date = dayMs(Number(year), Number(dayFirst ? two : one), Number(dayFirst ? one : two));
  const time = timeMs(hour, minute, second, undefined);
  return date === undefined || time === undefined ? undefined : { epochMs: date + time, hasTime: hour !== undefined };
}

export type DayOrder = "day_first" | "month_first" | "either";

/** What a text with slashes tells of the order of day and month; nothing for other texts. */
export function dayOrder(text: string): DayOrder | undefined {
  const match = YEAR_LAST.exec(text);
  if (match === null || match[2] === ".") return undefined;
  if (Number(match[1]) > 12) return "day_first";
  return Number(match[3]) > 12 ? "month_first" : "either";
}

/** The other reading of a text that `dateOf` took month first: day first. */
export function dayFirstMs(text: string): number {
  const match = YEAR_LAST.exec(text);
  if (match === null) return Number.NaN;
  const date = dayMs(Number(match[4]), Number(match[3]), Number(match[1]));
  return date === undefined ? Number.NaN : date + (timeMs(match[5], match[6], match[7], undefined) ?? 0);
}

function dayMs(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? date.getTime() : undefined;
}

function timeMs(hour = "0", minute = "0", second = "0", fraction: string | undefined): number | undefined {
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 24 || minutes > 59 || seconds > 60) return undefined;
  const ms = (hours * 3600 + minutes * 60 + seconds) * 1000 + Math.floor(Number(`0.${fraction ?? "0"}`) * 1000);
  return ms <= DAY_MS ? ms : undefined;
}

function offsetMs(offset: string | undefined): number {
  if (offset === undefined || /z/i.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
