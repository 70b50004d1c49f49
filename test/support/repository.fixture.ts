// Sample code bases made by script, with what makes counting hard: ignore rules, odd names, duplicates, binaries, links, missing line ends.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export function git(folder: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  return execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

export function put(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A small service in several languages, committed, with ignored and untracked files beside. */
export function serviceRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  put(folder, ".gitignore", "build/\n*.log\n!keep.log\n/secret.txt\n");
  put(
    folder,
    "package.json",
    JSON.stringify({ name: "service", version: "1.2.3", license: "MIT", dependencies: { left: "^1.0.0" } }, undefined, 2),
  );
  put(folder, "LICENSE", MIT);
  put(folder, "README.md", "# Service\n\nTODO: write it.\n");
  put(folder, "src/main.ts", "export const answer = 42; // FIXME: is it?\n\n// TODO one and TODO two on a line\nexport const last = 1;");
  put(folder, "src/copy-a.ts", "export const same = true;\n");
  put(folder, "src/copy-b.ts", "export const same = true;\n");
  put(folder, "src/TODOs.py", "# HACK\nTODOLIST = 1\nprint('todo in lower case')\n");
  put(folder, "src/deep/er/x.go", "package x\n\nfunc X() {} // XXX\n");
  put(folder, "assets/picture.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x54, 0x4f, 0x44, 0x4f]));
  put(folder, "with space/ü mlaut.md", "umlaut\n");
  put(folder, "empty.txt", "");
  put(folder, "keep.log", "kept\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
  put(folder, "build/out.js", "ignored();\n");
  put(folder, "trace.log", "ignored\n");
  put(folder, "secret.txt", "ignored\n");
  put(folder, "untracked.rs", "fn main() {}\n");
  put(folder, "deep/.gitignore", "*.tmp\n");
  put(folder, "deep/a.tmp", "ignored\n");
  put(folder, "deep/a.c", "int main(void) { return 0; }\n");
}

/** Many small files, links, a tracked file that an ignore rule names, and one that was deleted without being committed. */
export function wideRepository(folder: string, files = 400): void {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  for (let place = 0; place < files; place += 1) {
    const kind = ["js", "py", "md", "json", "css"][place % 5] ?? "js";
    const body = kind === "json" ? `{"n": ${place % 7}}` : `line one\nline ${place % 11}\n${place % 13 === 0 ? "TODO later\n" : ""}`;
    put(folder, `part-${place % 9}/file-${place}.${kind}`, body);
  }
  put(folder, "gone.txt", "soon gone\n");
  put(folder, "tracked.log", "tracked although ignored\n");
  symlinkSync("part-0", join(folder, "link-to-folder"));
  symlinkSync("nowhere", join(folder, "broken-link"));
  symlinkSync(".", join(folder, "loop"));
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
  put(folder, ".gitignore", "*.log\n");
  execFileSync("rm", [join(folder, "gone.txt")]);
  put(folder, "script.sh", "#!/bin/sh\necho hi\n");
  chmodSync(join(folder, "script.sh"), 0o755);
}

/** No repository at all: only `.gitignore` files decide. */
export function plainFolder(folder: string): void {
  put(folder, "a.txt", "a\nb\n");
  put(folder, "b/c.java", "class C {}\n");
}

const MIT = `MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
