// The node as a person has it: bundles, a data folder of its own, a process.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const BUNDLES = join(ROOT, "dist");
const START = join(ROOT, "scripts", "start.mjs");
const POLL_MS = 2;
const READY_WITHIN_MS = 60_000;

export interface RunningNode {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** The node's own process, as kai starts it. `settings`: `KOS_*` of the environment. */
export async function startNodeRole(data: string, settings: Readonly<Record<string, string>> = {}): Promise<RunningNode> {
  const bundle = join(BUNDLES, "node.js");
  if (!existsSync(bundle)) throw new Error("dist/node.js is not built: npm start builds it");
  const start = performance.now();
  const child = spawn(process.execPath, [bundle, "--data", data, "--port", "0", "--announce", "json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...environment(), ...settings },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { readonly event: string; readonly url?: string; readonly error?: unknown };
    if (message.event !== "ready") throw new Error(`the node did not start: ${line}`);
    return { pid: child.pid ?? 0, url: message.url ?? "", readyMs: performance.now() - start, stop: () => stopped(child) };
  }
  throw new Error("the node ended before it was ready");
}

/** `npm start` without npm: the start script, then the node. Ready when it answers. */
export async function startByScript(data: string): Promise<RunningNode> {
  const start = performance.now();
  const child = spawn(process.execPath, [START], { stdio: "ignore", env: { ...environment(), KOS_DATA: data, KOS_LISTEN__PORT: "0" } });
  const file = join(data, "node.json");
  while (performance.now() - start < READY_WITHIN_MS && child.exitCode === null) {
    const url = urlIn(file);
    if (
      url !== undefined &&
      (await fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      return { pid: child.pid ?? 0, url, readyMs: performance.now() - start, stop: () => stopped(child) };
    }
    await pause(POLL_MS);
  }
  child.kill("SIGKILL");
  throw new Error("npm start did not come up");
}

export interface CommandResult {
  readonly code: number | null;
  readonly elapsedMs: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command of kai through the start script, as `npx kai` runs it. */
export async function kai(...args: readonly string[]): Promise<CommandResult> {
  const start = performance.now();
  const child = spawn(process.execPath, [START, ...args], { stdio: ["ignore", "pipe", "pipe"], env: environment() });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, elapsedMs: performance.now() - start, stdout, stderr };
}

/** How long a bare Node takes to start and end. */
export async function bareNodeMs(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  return performance.now() - start;
}

function urlIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly url: string }).url;
  } catch {
    return undefined;
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}

/** Without whatever the one who runs the bench has set for a node of their own. */
function environment(): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith("KOS_"));
  return { ...Object.fromEntries(rest), NODE_COMPILE_CACHE: join(BUNDLES, "compile-cache") };
}
