// The few file operations that the file driver needs, and what their errors mean.

import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, utimes } from "node:fs/promises";
import { isKosError, KosError } from "@kos/klp";

/** Part of node:fs/promises; a test puts a failing disk in its place. */
export interface BlobFileSystem {
  open(path: string, flags: string | number, mode?: number): Promise<FileHandle>;
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<Stats>;
  rename(from: string, to: string): Promise<void>;
  utimes(path: string, atime: Date, mtime: Date): Promise<void>;
  rm(path: string, options: { readonly force: true }): Promise<void>;
}

export const nodeFiles: BlobFileSystem = { open, mkdir, readdir, lstat, rename, rm, utimes };

/** A link is never followed: a blob is a plain file or it is not there. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;
export const WRITE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const FULL_CODES: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** A KosError stays itself; what the system throws becomes STORAGE_FULL or UNAVAILABLE. */
export function storageError(error: unknown): KosError {
  if (isKosError(error)) return error;
  if (FULL_CODES.includes(codeOf(error))) {
    return new KosError(
      "STORAGE_FULL",
      "The disk that holds the blobs is full. Free space or shorten the retention; nothing was half-written.",
      { cause: error },
    );
  }
  return new KosError(
    "UNAVAILABLE",
    `The folder of the blobs cannot be used (${codeOf(error) || "unknown error"}). Check the disk and its permissions.`,
    { cause: error },
  );
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
