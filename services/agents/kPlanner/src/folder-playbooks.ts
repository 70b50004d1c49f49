// Playbooks as files `name.yaml` in folders of this machine.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { KosError } from "@kos/klp";
import { isPlaybookName } from "./playbook.ts";
import type { PlaybookFile, PlaybookOrigin, PlaybookSource } from "./playbook-source.ts";

export interface PlaybookFolder {
  readonly path: string;
  readonly origin: PlaybookOrigin;
}

const EXTENSION = ".yaml";
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 1000;

/** `folders`: the one that counts first. A folder that does not exist holds none. */
export function folderPlaybooks(folders: readonly PlaybookFolder[]): PlaybookSource {
  return {
    async list() {
      const found = await Promise.all(folders.map(listFolder));
      return found.flat();
    },
    async read(name) {
      if (!isPlaybookName(name)) return [];
      const found = await Promise.all(folders.map((folder) => readPlaybook(folder, name)));
      return found.flatMap((file) => file ?? []);
    },
  };
}

async function listFolder(folder: PlaybookFolder): Promise<readonly PlaybookFile[]> {
  const names = (await orWhenMissing(readdir(folder.path), []))
    .filter((entry) => entry.endsWith(EXTENSION) && isPlaybookName(entry.slice(0, -EXTENSION.length)))
    .sort();
  if (names.length > MAX_FILES) {
    throw new KosError("TOO_LARGE", `${folder.path} holds more than ${MAX_FILES} playbooks. Move some of them elsewhere.`);
  }
  const files = await Promise.all(names.map((entry) => readPlaybook(folder, entry.slice(0, -EXTENSION.length))));
  return files.flatMap((file) => file ?? []);
}

async function readPlaybook(folder: PlaybookFolder, name: string): Promise<PlaybookFile | undefined> {
  const path = join(folder.path, `${name}${EXTENSION}`);
  const found = await orWhenMissing(stat(path), undefined);
  if (found === undefined || !found.isFile()) return undefined;
  if (found.size > MAX_BYTES) throw new KosError("TOO_LARGE", `${path} is larger than ${MAX_BYTES} bytes. Split the playbook.`);
  return { name, file: path, origin: folder.origin, text: await readFile(path, "utf8") };
}

async function orWhenMissing<Result, Missing>(work: Promise<Result>, missing: Missing): Promise<Result | Missing> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return missing;
    throw new KosError("INTERNAL", `A folder of playbooks cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}
