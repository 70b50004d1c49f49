// Resolves symlinks in a path of bytes. It reads names only, never content.

import { realpathSync } from "node:fs";
import { systemCode } from "../task-error.ts";
import { asBytePath, type BytePath, bytesOf } from "./byte-path.ts";

/** The absolute path without symlinks, or nothing where it does not exist or may not be walked. */
export function realPathOf(path: BytePath): BytePath | undefined {
  try {
    return asBytePath(realpathSync.native(bytesOf(path), "buffer").toString("latin1"));
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return undefined;
  }
}
