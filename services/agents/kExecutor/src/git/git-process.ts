// Runs the git binary on a repository nobody vouches for: no shell, no configuration but the repository's own, and of that nothing that starts a program.

import { spawn } from "node:child_process";
import { type BytePath, bytesOf } from "../paths/byte-path.ts";
import { systemCode, throwIfAborted } from "../task-error.ts";
import type { WorkTree } from "./work-tree.ts";

export interface GitCommand {
  /** Name or absolute path of the binary. */
  readonly command: string;
  /** Where the binary is searched: the value of PATH. */
  readonly searchPath: string;
}

export type GitOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "missing" }
  /** `message`: the first line git wrote to standard error. */
  | { readonly outcome: "failed"; readonly message: string };

export interface GitRun {
  readonly git: GitCommand;
  /** Without it git looks for no repository. */
  readonly workTree?: WorkTree;
  readonly folder: BytePath;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  onOutput(bytes: Buffer): void;
}

/** Settings a repository could use to start a program or to reach outside; each is overridden on the command line, which wins. */
const HARDENING = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.excludesFile=/dev/null",
  "core.attributesFile=/dev/null",
  "core.untrackedCache=false",
  "protocol.allow=never",
  "safe.directory=*",
].flatMap((setting) => ["-c", setting]);

const MAX_ERROR_BYTES = 4096;

/** It runs until `signal` aborts at the latest. Errors: CANCELLED or the abort reason. The process is gone when it settles. */
export async function runGit(run: GitRun): Promise<GitOutcome> {
  throwIfAborted(run.signal);
  const place = run.workTree === undefined ? [] : ["--git-dir", run.workTree.gitDir, "--work-tree", run.workTree.top];
  const args = ["--no-pager", "--no-replace-objects", "--literal-pathspecs", ...HARDENING, ...place.map(spelled), ...run.args];
  const child = spawn(run.git.command, args, {
    cwd: spelled(run.folder),
    env: environment(run.git.searchPath),
    stdio: ["ignore", "pipe", "pipe"],
    signal: run.signal,
    killSignal: "SIGKILL",
  });
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => run.onOutput(bytes));
  child.stderr.on("data", (bytes: Buffer) => {
    if (stderr.length < MAX_ERROR_BYTES) stderr += bytes.toString("utf8");
  });
  const ended = await new Promise<{ readonly code: number | null } | { readonly error: unknown }>((resolve) => {
    let failure: { readonly error: unknown } | undefined;
    child.on("error", (error) => {
      failure = { error };
      if (child.pid === undefined) resolve(failure);
    });
    child.on("close", (code) => resolve(failure ?? { code }));
  });
  throwIfAborted(run.signal);
  if ("error" in ended) {
    if (["ENOENT", "EACCES"].includes(systemCode(ended.error))) return { outcome: "missing" };
    throw ended.error;
  }
  return ended.code === 0 ? { outcome: "done" } : { outcome: "failed", message: stderr.split("\n", 1)[0]?.slice(0, 500) ?? "" };
}

function environment(searchPath: string): Readonly<Record<string, string>> {
  return {
    PATH: searchPath,
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_ATTR_NOSYSTEM: "1",
  };
}

/** Arguments are texts to Node, so a path that is not UTF-8 cannot be passed on; git then fails to find it and says so. */
function spelled(path: string): string {
  return bytesOf(path as BytePath).toString("utf8");
}
