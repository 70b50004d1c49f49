// Numbers, bytes, times and ids as people read them. Local time; the wire keeps RFC 3339.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `850 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < SECOND_MS) return `${Math.round(whole)} ms`;
  if (whole < 9.95 * SECOND_MS) return `${(whole / SECOND_MS).toFixed(1)} s`;
  if (whole < MINUTE_MS - 500) return `${Math.round(whole / SECOND_MS)} s`;
  if (whole < HOUR_MS) return pair(Math.round(whole / SECOND_MS), 60, "min", "s");
  if (whole < DAY_MS) return pair(Math.floor(whole / MINUTE_MS), 60, "h", "min");
  return pair(Math.floor(whole / HOUR_MS), 24, "d", "h");
}

function pair(count: number, base: number, big: string, small: string): string {
  return `${Math.floor(count / base)} ${big} ${String(count % base).padStart(2, "0")} ${small}`;
}

/** Decimal units, as disks are sold: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? "B"}`;
}

/** `1,234,567`. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en-US") : String(Number(value.toPrecision(6)));
}

/** `14:03:07` today, `Nov 21 14:03` this year, `2025-11-21 14:03` before. Text that is no time is given back as it is. */
export function formatTime(at: string, nowMs: number): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const now = new Date(nowMs);
  if (time.toDateString() === now.toDateString()) return formatClock(time.getTime());
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.getFullYear() === now.getFullYear()) {
    return `${time.toLocaleString("en-US", { month: "short" })} ${String(time.getDate()).padStart(2)} ${clock}`;
  }
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** `14:03:07`. */
export function formatClock(atMs: number): string {
  const time = new Date(atMs);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const SHORT_ID_LENGTH = 8;

/** The end of a UUIDv7, which is random; its beginning is the time and alike for all runs of a minute. */
export function shortId(id: string): string {
  return id.slice(-SHORT_ID_LENGTH);
}
