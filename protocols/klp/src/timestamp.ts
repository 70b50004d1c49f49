/** Times as they stand on the wire: RFC 3339 in UTC with a `Z`. */

const PATTERN = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?Z$/;

/** Unix time in milliseconds, or undefined for another spelling, another zone or a day that does not exist. Leap seconds are not taken. */
export function parseTimestamp(text: unknown): number | undefined {
  if (typeof text !== "string" || !PATTERN.test(text)) return undefined;
  const timeMs = Date.parse(text);
  // The platform lets 31 February roll over into March; writing it again shows that.
  return Number.isNaN(timeMs) || new Date(timeMs).toISOString().slice(0, 19) !== text.slice(0, 19) ? undefined : timeMs;
}

/** Unix time in milliseconds as `2026-11-22T10:11:12.345Z`. */
export function formatTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
