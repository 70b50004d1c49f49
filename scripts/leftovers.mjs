// Finds processes that a run of the tests left behind, by a mark in their environment, which children inherit however they detach.
import { readdirSync, readFileSync } from "node:fs";

/** The variable that carries the mark. */
export const markName = "TEST_RUN_MARK";

/** @typedef {{ pid: number, command: string }} Leftover */

/**
 * Linux only; elsewhere nothing is found.
 *
 * @param {string} mark
 * @returns {Leftover[]}
 */
export function findLeftovers(mark) {
  let pids;
  try {
    pids = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    if (pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${markName}=${mark}`)) return [];
      if (/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) return [];
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() }];
    } catch {
      // Another user's, or gone.
      return [];
    }
  });
}

/**
 * Gives what is still ending a moment, then ends the rest and returns it.
 *
 * @param {string} mark
 * @param {{ graceMs: number }} options
 * @returns {Promise<Leftover[]>}
 */
export async function endLeftovers(mark, { graceMs }) {
  const untilMs = performance.now() + graceMs;
  let left = findLeftovers(mark);
  while (left.length > 0 && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = findLeftovers(mark);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended by itself meanwhile.
    }
  }
  return left;
}
