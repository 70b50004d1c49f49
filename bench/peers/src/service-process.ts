// A server that a peer needs, as a child: started on a free port, waited for, ended.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface ServiceProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Resolves to true once it answers. */
  readonly isReady: () => Promise<boolean>;
}

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;
const STOP_WITHIN_MS = 10_000;

export async function startService({ command, args, env, uid, gid, isReady }: ServiceOptions): Promise<ServiceProcess> {
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  let gone = false;
  child.once("close", () => {
    gone = true;
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await isReady().catch(() => false))) {
    if (gone || performance.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`${command} did not start: ${said}`);
    }
    await pause(ASK_EVERY_MS);
  }
  return {
    pid: child.pid ?? 0,
    async stop() {
      process.removeListener("exit", kill);
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await closed;
  clearTimeout(timer);
}

/** Free at the moment of asking. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The path of a program, looked for on PATH and in the folders given. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  return [...folders, ...(process.env["PATH"] ?? "").split(delimiter)].map((folder) => join(folder, name)).find((file) => existsSync(file));
}
