// Has the web console installed and built by the checkout's own set-up, in a process of its own, and knows how far that is. One at a time.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ConsoleStatus } from "@kos/api";

export interface ConsoleBuilder extends AsyncDisposable {
  status(): ConsoleStatus;
  /** Starts the work unless it is done or under way. */
  start(): ConsoleStatus;
}

export interface ConsoleBuilderOptions {
  /** Where the built console lies, `dist/console`. */
  readonly folder: string;
  /** The program that builds it; says how far it is in lines of JSON. Where it is missing there is no console. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told of what a person sees only as "it failed". */
  readonly onFailure: (message: string) => void;
}

const INTERRUPTED = "The installation was cut off. Try again; what is finished is kept.";

export function createConsoleBuilder(options: ConsoleBuilderOptions): ConsoleBuilder {
  let now: ConsoleStatus = settled();
  let child: ReturnType<typeof run> | undefined;

  function settled(): ConsoleStatus {
    if (existsSync(join(options.folder, "index.html"))) return { state: "ready" };
    return { state: existsSync(options.program) ? "missing" : "absent" };
  }

  function run() {
    const process = spawn(globalThis.process.execPath, [options.program, "--announce", "json"], {
      env: options.env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = Promise.withResolvers<void>();
    let failure: string | undefined;
    createInterface({ input: process.stdout }).on("line", (line) => {
      const said = readLine(line);
      if (said?.event === "failed") failure = said.message;
      else if (said?.event === "progress") now = { state: "building", ...said.progress };
    });
    process.once("error", (error) => {
      failure = error.message;
      ended.resolve();
    });
    process.once("close", (code) => {
      if (code !== 0) failure ??= INTERRUPTED;
      ended.resolve();
    });
    void ended.promise.then(() => {
      child = undefined;
      now = failure === undefined ? settled() : { state: "failed", message: failure };
      if (failure !== undefined) options.onFailure(failure);
    });
    return { process, ended: ended.promise };
  }

  return {
    status: () => now,
    start() {
      if (child === undefined && now.state !== "ready" && now.state !== "absent") {
        now = { state: "building", step: "install", done: 0, total: 0 };
        child = run();
      }
      return now;
    },
    async [Symbol.asyncDispose]() {
      // The set-up program ends what it started and lets go of its lock.
      child?.process.kill("SIGTERM");
      await child?.ended;
    },
  };
}

type Line =
  | { readonly event: "progress"; readonly progress: Omit<ConsoleStatus, "state" | "message"> }
  | { readonly event: "failed"; readonly message: string };

/** Undefined for a line that is none of ours. */
function readLine(line: string): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { event, step, done, total, message } = value as Readonly<Record<string, unknown>>;
  if (event === "failed" && typeof message === "string") return { event, message };
  if (event !== "progress" || (step !== "install" && step !== "build")) return undefined;
  const counts = Number.isSafeInteger(done) && Number.isSafeInteger(total) ? { done: done as number, total: total as number } : {};
  return { event, progress: { step, ...counts } };
}
