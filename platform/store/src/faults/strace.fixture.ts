// Runs a program under strace and reads back what it did to files, in order; or makes one of its system calls fail or be its last. Linux only.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** What happened to a file, or a line the program wrote to its output. */
export type FileOperation =
  | { readonly kind: "write"; readonly path: string; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "say"; readonly line: string };

export interface Run {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly errors: string;
}

/** Why strace cannot be used here, or undefined when it can. */
export function straceMissing(): string | undefined {
  if (process.platform !== "linux") return "strace exists on Linux only";
  const tried = spawnSync("strace", ["-f", "-e", "trace=none", "true"]);
  if (tried.error !== undefined) return "strace is not installed";
  return tried.status === 0 ? undefined : "strace may not trace here";
}

const RECORDED = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename";

/** Runs a script to its end and returns its file operations below `folder`, in the order in which they took effect. */
export async function recordFileOperations(script: string, argument: string, folder: string): Promise<FileOperation[]> {
  const traces = mkdtempSync(join(tmpdir(), "kos-strace-"));
  const output = join(traces, "trace");
  try {
    const flags = ["-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000000", "-e", `trace=${RECORDED}`, "-o", output];
    const run = await runTraced(flags, script, argument);
    if (run.code !== 0) throw new Error(`The traced program ended with ${run.code ?? run.signal}: ${run.errors}`);
    return parseTrace(readFileSync(output, "latin1"), folder);
  } finally {
    rmSync(traces, { recursive: true });
  }
}

/** Runs a script with an injection, `fsync:error=EIO:when=5+` or `pwrite64:signal=SIGKILL:when=7`, limited to one file when given. */
export async function runInjected(script: string, argument: string, injection: string, path?: string): Promise<Run> {
  const [call = ""] = injection.split(":");
  // With its faster filter strace 6.1 injects errors but no signals.
  const filter = injection.includes("signal=") ? [] : ["--seccomp-bpf"];
  const only = path === undefined ? [] : ["-P", path];
  const flags = ["-f", ...filter, "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${injection}`, ...only];
  return runTraced(flags, script, argument);
}

/** Runs a script as it is. */
export function runPlain(script: string, argument: string): Promise<Run> {
  return collect(spawn(process.execPath, [script, argument], { stdio: ["ignore", "pipe", "pipe"] }));
}

/** Runs a script and kills it when it has written that many lines after its first. */
export function runKilled(script: string, argument: string, afterLines: number): Promise<Run> {
  const child = spawn(process.execPath, [script, argument], { stdio: ["ignore", "pipe", "pipe"] });
  let lines = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    lines += chunk.toString().split("\n").length - 1;
    if (lines > afterLines) child.kill("SIGKILL");
  });
  return collect(child);
}

function runTraced(flags: readonly string[], script: string, argument: string): Promise<Run> {
  return collect(spawn("strace", [...flags, process.execPath, script, argument], { stdio: ["ignore", "pipe", "pipe"] }));
}

async function collect(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Run> {
  let text = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { lines: text.split("\n").filter((line) => line !== ""), code, signal, errors };
}

/** Reads strace's output. A write counts from its beginning, a sync from its end: so nothing looks safer than it was. */
function parseTrace(trace: string, folder: string): FileOperation[] {
  const operations: FileOperation[] = [];
  const unfinished = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const match = /^(\d+) +(.*)$/.exec(line);
    if (match === null) continue;
    const [, pid = "", rest = ""] = match;
    if (rest.endsWith("<unfinished ...>")) {
      const begun = rest.slice(0, -"<unfinished ...>".length);
      unfinished.set(pid, begun);
      if (!isSync(begun)) operations.push(...operationOf(begun, folder));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (resumed === null) {
      if (/= -1 /.test(rest)) continue;
      operations.push(...operationOf(rest, folder));
      continue;
    }
    const begun = unfinished.get(pid) ?? "";
    unfinished.delete(pid);
    if (isSync(begun) && (resumed[1] ?? "").endsWith(" = 0")) operations.push(...operationOf(`${begun})`, folder));
  }
  return operations;
}

function isSync(call: string): boolean {
  return call.startsWith("fsync(") || call.startsWith("fdatasync(");
}

function operationOf(call: string, folder: string): FileOperation[] {
  const match = /^(\w+)\((.*)$/s.exec(call);
  if (match === null) return [];
  const [, name = "", rest = ""] = match;
  if (name === "unlink") {
    const path = unhex(/^"((?:\\x..)*)"/.exec(rest)?.[1] ?? "").toString();
    return path.startsWith(folder) ? [{ kind: "remove", path }] : [];
  }
  const file = /^(\d+)<((?:\\x..)*)>/.exec(rest);
  if (file === null) return [];
  const path = unhex(file[2] ?? "").toString();
  if (name === "write" && file[1] === "1") return linesOf(rest);
  if (!path.startsWith(folder)) return [];
  const after = rest.slice(file[0].length);
  switch (name) {
    case "fsync":
    case "fdatasync":
      return [{ kind: "sync", path }];
    case "ftruncate":
      return [{ kind: "truncate", path, size: Number(/^, (\d+)/.exec(after)?.[1]) }];
    case "pwrite64": {
      const parts = /^, "((?:\\x..)*)", (\d+), (\d+)/.exec(after);
      return parts === null ? [] : [{ kind: "write", path, offset: Number(parts[3]), data: unhex(parts[1] ?? "") }];
    }
    default:
      throw new Error(`The suite does not know what ${name} does to ${path}.`);
  }
}

function linesOf(rest: string): FileOperation[] {
  const text = unhex(/, "((?:\\x..)*)"/.exec(rest)?.[1] ?? "").toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ kind: "say", line }));
}

function unhex(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}

/** Whether the program that suites run exists beside this file. */
export function childScript(name: string): string {
  const path = join(import.meta.dirname, name);
  if (!existsSync(path)) throw new Error(`There is no ${path}.`);
  return path;
}
