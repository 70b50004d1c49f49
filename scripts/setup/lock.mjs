// One set-up at a time in a checkout. The lock is a file naming the process that holds it and the child that does the work, each with its
// start time, so that a lock left by a killed process is recognised, also when its number was given to another process since.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { SetupProblem } from "./problem.mjs";

/** @typedef {{ pid: number, started: string }} Holder */

/**
 * What Linux says of a process: its state and its start time; undefined where that cannot be read (macOS, or the process is gone).
 *
 * @param {number} pid
 */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 3 and 22; the name in field 2 may hold spaces, so count from behind its closing parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function startTime(pid) {
  return statOf(pid)?.started ?? "";
}

/** @param {Holder} holder */
function isAlive(holder) {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPERM") return false;
  }
  const stat = statOf(holder.pid);
  if (stat === undefined) return true;
  return stat.state !== "Z" && (holder.started === "" || stat.started === holder.started);
}

/**
 * @param {string} file
 * @returns {Holder[] | undefined} undefined: no lock
 */
function readHolders(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text).holders;
  } catch {
    return [];
  }
}

/**
 * Takes a dead holder's lock away. Two waiters may try at once, so the check is repeated under a second lock, held for microseconds.
 *
 * @param {string} file
 */
function clearStale(file) {
  const guard = `${file}.clearing`;
  try {
    writeFileSync(guard, "", { flag: "wx" });
  } catch {
    try {
      if (Date.now() - statSync(guard).mtimeMs > 10_000) rmSync(guard, { force: true });
    } catch {
      // Gone meanwhile: the next round sees.
    }
    return;
  }
  try {
    const holders = readHolders(file);
    if (holders !== undefined && !holders.some(isAlive)) rmSync(file, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Waits for the lock and takes it. The caller releases it; it is also released when this process exits in order.
 *
 * @param {string} file
 * @param {{ onWait?: (pid: number) => void, pollMs?: number }} [options]
 */
export async function takeLock(file, { onWait, pollMs = 150 } = {}) {
  const self = { pid: process.pid, started: startTime(process.pid) };
  /**
   * Written beside and put in place whole, so that a reader never sees half a lock.
   *
   * @param {Holder[]} holders
   * @param {(from: string, to: string) => void} put linkSync fails where a lock exists, renameSync replaces it
   */
  const write = (holders, put) => {
    const next = `${file}.${process.pid}`;
    try {
      writeFileSync(next, JSON.stringify({ holders }));
      put(next, file);
    } finally {
      rmSync(next, { force: true });
    }
  };
  let told = false;
  for (;;) {
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      write([self], linkSync);
      break;
    } catch (error) {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
        const message = `This checkout needs set-up, but ${path.dirname(file)} cannot be written (${code}): start once as its owner, or use a clone of your own.`;
        throw new SetupProblem(message, { cause: error });
      }
      if (code !== "EEXIST") throw error;
    }
    const alive = readHolders(file)?.find(isAlive);
    if (alive === undefined) {
      clearStale(file);
    } else if (!told) {
      told = true;
      onWait?.(alive.pid);
    }
    await new Promise((resolve) => setTimeout(resolve, alive === undefined ? 5 : pollMs));
  }
  const release = () => {
    process.removeListener("exit", release);
    rmSync(file, { force: true });
  };
  process.once("exit", release);
  return {
    release,
    /**
     * Names the child that does the work: it may outlive us when we are killed, and then still holds the lock.
     *
     * @param {number | undefined} pid
     */
    nameChild(pid) {
      if (pid !== undefined) write([self, { pid, started: startTime(pid) }], renameSync);
    },
  };
}
