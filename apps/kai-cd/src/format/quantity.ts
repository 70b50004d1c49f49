// Numbers, sizes, times as people read them. Pure; locale and zone are the browser's.

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Of today the time alone; of this year without the year. */
export function formatTime(text: string, now = new Date()): string {
  const time = new Date(text);
  const isThisYear = time.getFullYear() === now.getFullYear();
  const isToday = isThisYear && time.getMonth() === now.getMonth() && time.getDate() === now.getDate();
  return time.toLocaleString(undefined, {
    ...(!isToday && { day: "numeric", month: "short" }),
    ...(!isThisYear && { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** A time to come, with its weekday, as the clocks of a zone show it. */
export function formatDue(text: string, zone: string): string {
  return new Date(text).toLocaleString(undefined, {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  });
}

/** With seconds, for logs. */
export function formatClock(text: string): string {
  return new Date(text).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function formatCount(count: number): string {
  return count.toLocaleString();
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A long id as far as people compare it. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : id.slice(-8);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
