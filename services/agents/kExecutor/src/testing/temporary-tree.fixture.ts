// A folder of its own for one test, and the real git to compare with. For tests only.

import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TemporaryTree extends Disposable {
  /** Absolute, without symlinks. */
  readonly path: string;
  write(path: string, content?: string | Uint8Array): void;
  link(path: string, target: string): void;
  git(...args: string[]): string;
}

const GIT_ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.org",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.org",
  LC_ALL: "C",
};

export function temporaryTree(): TemporaryTree {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "kexecutor-")));
  return {
    path,
    write(name, content = "") {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    },
    link(name, target) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      symlinkSync(target, join(path, name));
    },
    git: (...args) => gitIn(path, ...args),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export function temporaryRepository(...initArguments: string[]): TemporaryTree {
  const tree = temporaryTree();
  tree.git("init", "-q", "-b", "main", ...initArguments);
  return tree;
}

/** Standard output, one byte a character. */
export function gitIn(folder: string, ...args: string[]): string {
  const config = ["-c", "protocol.file.allow=always", "-c", "advice.addIgnoredFile=false", "-c", "core.quotePath=false"];
  return execFileSync("git", [...config, ...args], {
    cwd: folder,
    env: GIT_ENVIRONMENT,
    encoding: "latin1",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1e9,
  });
}

/** What git lists and is still on disk, each once, in byte order, one byte a character; a nested repository without its slash. */
export function gitListing(folder: string): readonly string[] {
  const listed = gitIn(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    .split("\0")
    .filter((name) => name !== "");
  const names = new Set(listed.map((name) => name.replace(/\/$/, "")));
  const present = [...names].filter((name) =>
    lstatSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]), { throwIfNoEntry: false }),
  );
  return present.sort();
}
