// How configuration files are reached. The loader sees only this; the file system stands behind it in `configFiles`.

import { open, readdir } from "node:fs/promises";
import { KosError } from "@kos/klp";

interface ConfigFile {
  readonly text: string;
  /** Permission bits. Absent where the system has none. */
  readonly mode?: number;
}

export interface ConfigFiles {
  /** Undefined when there is no such file. @throws KosError UNAVAILABLE when it cannot be read, TOO_LARGE beyond 1 MiB. */
  read(path: string): Promise<ConfigFile | undefined>;
  /** Names in a folder, sorted; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
}

const MAX_BYTES = 1_048_576;

/** Files on disk. The mode is that of the file that was opened. */
export const configFiles: ConfigFiles = {
  async read(path) {
    try {
      await using file = await open(path, "r");
      const { mode, size } = await file.stat();
      if (size > MAX_BYTES) throw new KosError("TOO_LARGE", `${path} is larger than 1 MiB. Configuration files are small; check the path.`);
      return { text: await file.readFile("utf8"), mode: mode & 0o777 };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (error instanceof KosError) throw error;
      throw new KosError("UNAVAILABLE", `${path} cannot be read. Check that it is a file and that this user may read it.`, {
        cause: error,
      });
    }
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw new KosError("UNAVAILABLE", `${path} cannot be listed. Check that it is a folder and that this user may read it.`, {
        cause: error,
      });
    }
  },
};

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
