// A small code base, the same on every machine, for the main job to report on.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = 12;
const FILES_PER_FOLDER = 20;

export function makeSampleRepository(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, "package.json"),
    JSON.stringify({ name: "sample", version: "1.0.0", license: "MIT", dependencies: { fastify: "^5" } }),
  );
  writeFileSync(join(path, "LICENSE"), "MIT License\n\nPermission is hereby granted, free of charge\n");
  writeFileSync(join(path, ".gitignore"), "node_modules/\n");
  for (let folder = 0; folder < FOLDERS; folder++) {
    mkdirSync(join(path, `part-${folder}`));
    for (let file = 0; file < FILES_PER_FOLDER; file++) {
      const lines = Array.from(
        { length: 40 + ((folder * 7 + file * 3) % 60) },
        (_, line) => `export const value${line} = ${folder * file + line};`,
      );
      if (file % 5 === 0) lines.push("// TODO: measure");
      const extension = (["ts", "py", "go", "md"] as const)[file % 4];
      writeFileSync(join(path, `part-${folder}`, `file-${file}.${extension}`), `${lines.join("\n")}\n`);
    }
  }
  const git = (...args: readonly string[]) => execFileSync("git", ["-C", path, ...args], { stdio: "ignore" });
  git("init", "-q");
  git("add", ".");
}
