/** Times as they stand on the wire: RFC 3339 in UTC with a `Z`. */

const PATTERN = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z$/;

/** Unix time in milliseconds, or undefined for another spelling, another zone or a day that does not exist. Leap seconds are not taken. */
export function parseTimestamp(text: unknown): number | undefined {
  if (typeof text !== "string" || !PATTERN.test(text)) return undefined;
  const timeMs = Date.parse(text);
  // The platform lets 31 February roll over into March; only days past the 28th can do that.
  if (text.charCodeAt(8) < THREE && !text.startsWith("29", 8)) return timeMs;
  return new Date(timeMs).toISOString().startsWith(text.slice(0, 10)) ? timeMs : undefined;
}

/** Unix time in milliseconds as `2026-11-22T10:11:12.345Z`. */
export function formatTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

const THREE = 0x33;
