// How much processor time the host gave to others, from /proc/stat. Where there is none, nothing is known.

import { readFileSync } from "node:fs";

interface Ticks {
  readonly total: number;
  readonly steal: number;
}

/** Starts watching; the returned function says the share in percent since then. */
export function watchSteal(): () => number | undefined {
  const before = readTicks();
  return () => {
    const after = readTicks();
    if (before === undefined || after === undefined || after.total <= before.total) return undefined;
    return (100 * (after.steal - before.steal)) / (after.total - before.total);
  };
}

/** Columns of the line `cpu`: user nice system idle iowait irq softirq steal guest guest_nice; guest time is within user time. */
const STEAL_COLUMN = 7;

function readTicks(): Ticks | undefined {
  let text: string;
  try {
    text = readFileSync("/proc/stat", "utf8");
  } catch {
    return undefined;
  }
  const columns = (text.split("\n")[0] ?? "").split(/\s+/).slice(1).map(Number);
  const total = columns.slice(0, STEAL_COLUMN + 1).reduce((sum, ticks) => sum + ticks, 0);
  return { total, steal: columns[STEAL_COLUMN] ?? 0 };
}
