// How long a server asks to be left alone.

/** A server may ask for a day; a task does not wait that long, it gives the answer as it is. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** Of a Retry-After header, seconds or a date (RFC 9110, 10.2.3), in milliseconds; undefined where it cannot be read. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
