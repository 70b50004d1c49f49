// A node that kai starts for itself, for a proof or a demonstration, and may kill. It touches only the process it started and its children.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export interface OwnNodeOptions {
  readonly runtime: string;
  readonly program: string;
  readonly data: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface OwnNode {
  readonly pid: number;
  /** Where it listens; undefined when it ended before it was ready. */
  readonly ready: Promise<{ readonly url: string; readonly did: string } | undefined>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** What it said, for a report of what went wrong. */
  said(): string;
  kill(signal: "SIGKILL" | "SIGTERM"): void;
  /** Kills one of its worker processes; false where it has none. */
  killWorker(choose: (count: number) => number): Promise<boolean>;
}

const MOST_SAID = 8192;

export function startOwnNode({ runtime, program, data, env }: OwnNodeOptions): OwnNode {
  const args = [program, "--data", data, "--port", "0", "--announce", "json"];
  const child = spawn(runtime, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env } });
  let said = "";
  const keep = (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  };
  child.stderr.setEncoding("utf8").on("data", keep);
  return {
    pid: child.pid ?? 0,
    ready: readiness(child, keep),
    exited: new Promise((resolve) => {
      child.once("error", () => resolve({ code: null, signal: null }));
      child.once("close", (code, signal) => resolve({ code, signal }));
    }),
    said: () => said,
    kill: (signal) => void child.kill(signal),
    async killWorker(choose) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
      const workers = await childrenOf(child.pid);
      const chosen = workers[choose(workers.length)];
      return chosen !== undefined && killed(chosen);
    },
  };
}

function readiness(child: ChildProcess, keep: (text: string) => void): OwnNode["ready"] {
  const { promise, resolve } = Promise.withResolvers<{ url: string; did: string } | undefined>();
  child.once("error", () => resolve(undefined));
  if (!child.stdout) return Promise.resolve(undefined);
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    keep(`${line}\n`);
    const said = JSON.parse(line) as { readonly event?: string; readonly url?: string; readonly did?: string };
    if (said.event === "ready" && said.url !== undefined && said.did !== undefined) resolve({ url: said.url, did: said.did });
  });
  lines.once("close", () => resolve(undefined));
  return promise;
}

/** Linux tells a process's children at once; elsewhere `ps` lists all processes. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  try {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    // Not Linux, or it has just ended.
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return rows.flatMap(([own, parent]) => (parent === pid && own !== undefined ? [own] : []));
  } catch {
    return []; // Without `ps` only the node is killed; the report counts no workers then.
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // It ended first.
  }
}
