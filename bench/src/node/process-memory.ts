// Memory of a process and its descendants, from /proc. RSS counts shared pages in each process, PSS divides them among those that share.

import { readdirSync, readFileSync } from "node:fs";

export interface ProcessMemory {
  readonly processes: number;
  readonly rssMb: number;
  readonly pssMb: number;
}

/** Undefined where the machine has no /proc. */
export function memoryOfTree(pid: number): ProcessMemory | undefined {
  try {
    const pids = [pid, ...descendants(pid)];
    const sums = pids.map((each) => {
      const text = readFileSync(`/proc/${each}/smaps_rollup`, "utf8");
      return { rss: kilobytes(text, "Rss"), pss: kilobytes(text, "Pss") };
    });
    return {
      processes: pids.length,
      rssMb: sums.reduce((sum, { rss }) => sum + rss, 0) / 1024,
      pssMb: sums.reduce((sum, { pss }) => sum + pss, 0) / 1024,
    };
  } catch {
    return undefined;
  }
}

/** Ids of all processes that descend from it. */
export function processesBelow(pid: number): readonly number[] {
  return descendants(pid);
}

/** The most memory the process has held, in MB; undefined where the machine does not say. */
export function peakRssMb(pid: number): number | undefined {
  try {
    return kilobytes(readFileSync(`/proc/${pid}/status`, "utf8"), "VmHWM") / 1024;
  } catch {
    return undefined;
  }
}

function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // After the command in brackets: state, parent.
      const [, parent] = (readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1) ?? "").split(" ");
      parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
      continue;
    }
  }
  const below = (above: number): number[] =>
    [...parents].filter(([, parent]) => parent === above).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN);
}
