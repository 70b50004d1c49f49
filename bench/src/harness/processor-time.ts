// Processor time that work took, all threads of the process together. It tells more than the clock where others use the machine as well.

import { readFileSync } from "node:fs";

/** Microseconds since the call, of this process. */
export function watchProcessorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
}

/** Linux counts in hundredths of a second, whatever the kernel ticks at. */
const TICK_US = 10_000;
const AFTER_COMMAND = { user: 11, system: 12 } as const;

/** Microseconds that another process has taken so far; NaN where the machine does not say. */
export function processorTimeOf(pid: number): number {
  try {
    const fields = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "").split(" ");
    return (Number(fields[AFTER_COMMAND.user]) + Number(fields[AFTER_COMMAND.system])) * TICK_US;
  } catch {
    return Number.NaN;
  }
}
