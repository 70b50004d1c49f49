// A child process of one test: what it says is kept, and it is ended by its id, with what it started, when the test is over.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of stdout that the test accepts. Rejects when the process ends first. */
  line<Found>(find: (line: string) => Found | undefined): Promise<Found>;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** The environment of a person without settings of kOS or npm, with the mark by which a run of the tests finds what it left behind. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(KOS_|npm_|INIT_CWD$|NODE_OPTIONS$|VITEST|FORCE_COLOR$)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1", ...more };
}

export function startChild(program: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: cleanEnvironment(options.env),
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let over: Ended | undefined;
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watch of [...watchers]) watch();
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    look();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (options.input !== undefined) child.stdin?.end(options.input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      over = { code, signal };
      look();
      resolve(over);
    });
  });
  ended.catch(look);
  return {
    pid: child.pid ?? 0,
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    kill: (signal) => void child.kill(signal),
    line(find) {
      const { promise, resolve, reject } = Promise.withResolvers<NonNullable<ReturnType<typeof find>>>();
      const watch = () => {
        for (const line of stdout.split("\n").slice(0, -1)) {
          const found = find(line);
          if (found === undefined) continue;
          watchers.delete(watch);
          resolve(found as NonNullable<ReturnType<typeof find>>);
          return;
        }
        if (over !== undefined) reject(new Error(`it ended (${over.code ?? over.signal}) without that line\n${stdout}\n${stderr}`));
      };
      watchers.add(watch);
      watch();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      if (over === undefined) child.kill("SIGKILL");
      await ended.catch(() => undefined);
    },
  };
}

/** Processes that a process started and that live, by id; Linux. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only its parent has not looked yet.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
