// Counts of a code base made without any code of ours: git, wc, grep, sha256sum and the sizes the file system tells.

import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Counts {
  readonly files: readonly string[];
  readonly bytes: number;
  /** Files with no NUL in their first 8000 bytes, as git decides what is text. */
  readonly textFiles: readonly string[];
  readonly lines: number;
  readonly todos: number;
  /** Groups of files with one content, each sorted; empty files are none. */
  readonly duplicates: readonly (readonly string[])[];
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  linesOf(pattern: RegExp): { readonly files: number; readonly lines: number };
}

export function countsOf(folder: string): Counts {
  const listed = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], folder).split("\0").filter(Boolean);
  const entries = [...new Set(listed)].flatMap((path) => {
    const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ path, bytes: stat.isDirectory() ? 0 : stat.size, isFile: stat.isFile() }];
  });
  const regular = entries.filter(({ isFile }) => isFile).map(({ path }) => path);
  const textFiles = regular.filter((path) => !readFileSync(join(folder, path)).subarray(0, 8000).includes(0));
  const lines = linesIn(folder, textFiles);
  return {
    files: entries.map(({ path }) => path),
    bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    textFiles,
    lines,
    todos: marked(folder, textFiles),
    duplicates: duplicates(
      folder,
      regular.filter((path) => lstatSync(join(folder, path)).size > 0),
    ),
    largest: entries.map(({ path, bytes }) => ({ path, bytes })).sort((left, right) => right.bytes - left.bytes),
    linesOf(pattern) {
      const chosen = textFiles.filter((path) => pattern.test(path));
      return { files: chosen.length, lines: linesIn(folder, chosen) };
    },
  };
}

/** `grep -c ''` counts a last line without line feed as one; `wc -l` does not. */
function linesIn(folder: string, files: readonly string[]): number {
  if (files.length === 0) return 0;
  const output = inBatches(files, (batch) => run("grep", ["-a", "-c", "-H", "-Z", "", "--", ...batch], folder));
  return output
    .split("\n")
    .filter(Boolean)
    .reduce((sum, line) => sum + Number(line.slice(line.indexOf("\0") + 1)), 0);
}

function marked(folder: string, files: readonly string[]): number {
  const output = inBatches(files, (batch) => run("grep", ["-a", "-h", "-w", "-E", "TODO|FIXME|XXX|HACK", "--", ...batch], folder));
  return output.split("\n").filter((line) => line !== "").length;
}

function duplicates(folder: string, files: readonly string[]): readonly (readonly string[])[] {
  const output = inBatches(files, (batch) => run("sha256sum", ["-z", "--", ...batch], folder));
  const lines = output.split("\0").filter(Boolean);
  const groups = Map.groupBy(lines, (line) => line.slice(0, 64));
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.map((line) => line.slice(66)).sort());
}

function inBatches(files: readonly string[], work: (batch: readonly string[]) => string): string {
  let output = "";
  for (let first = 0; first < files.length; first += 500) output += work(files.slice(first, first + 500));
  return output;
}

function run(program: string, args: readonly string[], cwd: string): string {
  try {
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync(program, args, { cwd, env, encoding: "utf8", maxBuffer: 256 << 20, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // grep says with 1 that it found nothing.
    const { status, stdout } = error as { status?: number; stdout?: string };
    if (program === "grep" && status === 1) return stdout ?? "";
    throw error;
  }
}
