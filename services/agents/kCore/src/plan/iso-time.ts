// RFC 3339 and milliseconds, there and back. Most events of one turn carry the same few times, so the last ones are remembered.

const REMEMBERED = 8;
const texts: string[] = [];
const times: number[] = [];
let next = 0;

function remember(ms: number, text: string): void {
  times[next] = ms;
  texts[next] = text;
  next = (next + 1) % REMEMBERED;
}

export function isoTime(ms: number): string {
  const known = times.indexOf(ms);
  if (known >= 0) return texts[known] ?? "";
  const text = new Date(ms).toISOString();
  remember(ms, text);
  return text;
}

/** Milliseconds of a time that was written here. */
export function timeOf(text: string): number {
  const known = texts.indexOf(text);
  if (known >= 0) return times[known] ?? 0;
  const ms = Date.parse(text);
  remember(ms, text);
  return ms;
}
