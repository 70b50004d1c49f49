// Starts a node in the background for the time of a job, and waits until it takes work or says why it cannot.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fromWireError, KosError } from "@kos/klp";
import type { Machine } from "../terminal/machine.ts";
import type { NodeAddress } from "./session.ts";

const READY_WITHIN_MS = 60_000;
const MAX_LOG_BYTES = 1_048_576;

/**
 * The node lives on when we end; it ends by itself when its plans have ended. Its own output goes to node.log of the data folder.
 * Errors: the node's own (CONFLICT when another one has the folder), UNAVAILABLE when it says nothing.
 */
export async function startJobNode(machine: Machine, dataFolder: string, signal: AbortSignal): Promise<NodeAddress> {
  if (!existsSync(machine.nodeProgram)) {
    throw new KosError("UNAVAILABLE", "The node is not built. Run `npm start` once in the checkout of kOS; it builds what is missing.");
  }
  const log = openLog(dataFolder);
  const child = spawn(machine.runtime, [machine.nodeProgram, "--data", dataFolder, "--mode", "job", "--port", "0", "--announce", "json"], {
    detached: true,
    stdio: ["ignore", "pipe", log.handle],
    cwd: machine.cwd,
  });
  closeSync(log.handle);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  try {
    return await announcement(child, log.path, limit);
  } catch (error) {
    if (child.exitCode === null && child.pid !== undefined && limit.aborted) child.kill("SIGTERM");
    throw error;
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

function openLog(dataFolder: string): { readonly handle: number; readonly path: string } {
  const path = join(dataFolder, "node.log");
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    // It holds what nodes said before they had a log; nobody needs more than the newest of it.
    const isLong = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES;
    return { handle: openSync(path, isLong ? "w" : "a", 0o600), path };
  } catch (cause) {
    throw new KosError("UNAVAILABLE", `The data folder ${dataFolder} cannot be written. Choose another with --data DIR or KOS_DATA.`, {
      cause,
    });
  }
}

async function announcement(child: ChildProcess, logPath: string, limit: AbortSignal): Promise<NodeAddress> {
  const { promise, resolve, reject } = Promise.withResolvers<NodeAddress>();
  const silent = (cause?: unknown) =>
    new KosError(
      "UNAVAILABLE",
      `The node ended before it was ready. What it said last is in ${logPath}; \`kai doctor\` looks for causes.`,
      {
        ...(cause !== undefined && { cause }),
      },
    );
  const onLimit = () => reject(signalError(limit, logPath));
  limit.addEventListener("abort", onLimit, { once: true });
  child.once("error", (cause) => reject(silent(cause)));
  if (child.stdout) {
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const said = readLine(line);
      if (said?.["event"] === "ready") resolve({ url: String(said["url"]), did: String(said["did"]), pid: Number(said["pid"]) });
      if (said?.["event"] === "error") reject(fromWireError(said["error"]));
    });
    // The last line may still be on its way when the process has ended.
    lines.once("close", () => reject(silent()));
  }
  try {
    return await promise;
  } finally {
    limit.removeEventListener("abort", onLimit);
  }
}

function signalError(limit: AbortSignal, logPath: string): Error {
  const reason: unknown = limit.reason;
  if (reason instanceof Error && reason.name !== "TimeoutError") return reason;
  return new KosError("TIMEOUT", `The node was not ready within ${READY_WITHIN_MS / 1000} s. Its log is ${logPath}.`, { cause: reason });
}

function readLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
