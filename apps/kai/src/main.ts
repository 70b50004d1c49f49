// The process of kai: hands the machine to the program and its exit code back. The only file that reads the process's own state.

import { randomBytes } from "node:crypto";
import { constants, homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import { runKai } from "./kai.ts";
import type { Machine, Output } from "./terminal/machine.ts";

const SHOW_CURSOR = "\u001b[?25h";

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    isTty: stream.isTTY === true,
    write: (data) => void stream.write(data),
  };
}

async function question(prompt: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.once("SIGINT", () => {
    // In a question the terminal hands Ctrl-C to us as a key; it means the same as elsewhere.
    lines.close();
    process.emit("SIGINT");
  });
  const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(prompt), closed]);
  } catch {
    // Ctrl-C or the end of input: no answer.
    return undefined;
  } finally {
    lines.close();
  }
}

async function readAll(): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const machine: Machine = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  version: manifest.version,
  runtime: process.execPath,
  runtimeVersion: process.version,
  platform: process.platform,
  uid: process.getuid?.(),
  nodeProgram: fileURLToPath(new URL("./node.js", import.meta.url)),
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: { isTty: process.stdin.isTTY === true, question, readAll },
  columns: () => process.stdout.columns || 80,
  rows: () => process.stdout.rows || 24,
  fetch: globalThis.fetch,
  createSocket: (url, protocol) => new WebSocket(url, protocol),
  now: () => Date.now(),
  pause: (ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }),
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
  newSecret: () => randomBytes(24).toString("base64url"),
  isAlive,
  onInterrupt: (listener) => onSignals(["SIGINT"], listener),
  onTerminate: (listener) => onSignals(["SIGTERM", "SIGHUP"], listener),
};

function onSignals(signals: readonly NodeJS.Signals[], listener: () => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.removeListener(signal, listener);
  };
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read us has enough (`kai logs | head`).
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
}
if (process.stdout.isTTY) {
  process.once("exit", () => process.stdout.write(SHOW_CURSOR));
  // Without a listener the process would end without giving the cursor back.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}

const exitCode = await runKai(process.argv.slice(2), machine);
// A pipe takes its time; what was printed must arrive before the process ends.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));
process.exit(exitCode);
