// A machine for tests: a folder of its own, no terminal unless wanted, everything written kept, Ctrl-C by a call.

import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type { Machine } from "../terminal/machine.ts";

export interface TestMachine extends Machine {
  /** Everything written to stdout so far, without colours and cursor movements. */
  out(): string;
  rawOut(): string;
  err(): string;
  interrupt(): void;
  /** Who would hear a Ctrl-C; none: it ends the process. */
  interruptListeners(): number;
  /** stdout, each line as JSON. */
  jsonLines(): readonly Record<string, unknown>[];
}

export interface TestMachineOptions {
  readonly isTty?: boolean;
  readonly env?: Machine["env"];
  /** Answers to questions, one after the other; then none. */
  readonly answers?: readonly string[];
  readonly input?: string;
  readonly nodeProgram?: string;
}

export async function createTestMachine(options: TestMachineOptions = {}): Promise<TestMachine> {
  const cwd = await realpath(await mkdtemp(join(tmpdir(), "kai-test-")));
  const isTty = options.isTty ?? false;
  const written = { out: "", err: "" };
  const answers = [...(options.answers ?? [])];
  const listeners = new Set<() => void>();
  const textOf = (data: string | Uint8Array) => (typeof data === "string" ? data : new TextDecoder().decode(data));
  return {
    env: { TERM: "xterm", ...options.env },
    cwd,
    home: join(cwd, "home"),
    version: "0.1.0",
    runtime: process.execPath,
    runtimeVersion: process.version,
    platform: process.platform,
    uid: process.getuid?.(),
    nodeProgram: options.nodeProgram ?? join(cwd, "no-node.js"),
    stdout: {
      isTty,
      write(data) {
        written.out += textOf(data);
      },
    },
    stderr: {
      isTty: false,
      write(data) {
        written.err += textOf(data);
      },
    },
    stdin: {
      isTty,
      async question(prompt) {
        written.out += `${prompt}\n`;
        return answers.shift();
      },
      readAll: async () => new TextEncoder().encode(options.input ?? ""),
    },
    columns: () => 100,
    rows: () => 40,
    fetch: globalThis.fetch,
    createSocket: (url, protocol) => new WebSocket(url, protocol),
    now: () => Date.now(),
    pause: (ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }),
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    newSecret: () => "s".repeat(32),
    isAlive(pid) {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    },
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onTerminate: () => () => undefined,
    out: () => stripVTControlCharacters(written.out),
    rawOut: () => written.out,
    err: () => stripVTControlCharacters(written.err),
    interrupt() {
      for (const listener of listeners) listener();
    },
    interruptListeners: () => listeners.size,
    jsonLines: () =>
      written.out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
