// Opens files and folders without ever following a symlink, and checks after opening that the kernel holds the path that was meant.
// What it opens must lie on a path already found to be under a granted root; a folder swapped for a symlink meanwhile is noticed.

import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { systemCode } from "../task-error.ts";
import { asBytePath, type BytePath, bytesOf } from "./byte-path.ts";
import { realPathOf } from "./real-path.ts";

/** Why something could not be read: a closed set, because it is shown and counted. */
export const UNREADABLE_REASONS = [
  "permission",
  "gone",
  "symlink",
  "not_a_file",
  "not_a_folder",
  "moved",
  "name_too_long",
  "io_error",
] as const;
type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

export interface Refusal {
  readonly refused: UnreadableReason;
}

export interface OpenFolder {
  /** A path through which the entries of exactly this folder are reached, even if it is renamed meanwhile (Linux). */
  readonly base: BytePath;
  close(): void;
}

export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

const NO_FOLLOW = constants.O_NOFOLLOW;
/** O_NONBLOCK: opening a named pipe must not wait for a writer. */
const READ_FLAGS = constants.O_RDONLY | NO_FOLLOW | constants.O_NONBLOCK;
const FOLDER_FLAGS = constants.O_RDONLY | NO_FOLLOW | constants.O_DIRECTORY;

/** Opens the folder at an absolute real path. The caller closes it. */
export function openFolder(path: BytePath): OpenFolder | Refusal {
  let descriptor: number;
  try {
    descriptor = openSync(bytesOf(path), FOLDER_FLAGS);
  } catch (error) {
    return { refused: reasonOf(error, "not_a_folder") };
  }
  const held = heldPath(descriptor, path);
  if (held !== path) {
    closeSync(descriptor);
    return { refused: "moved" };
  }
  const link = asBytePath(`/proc/self/fd/${descriptor}`);
  return { base: hasDescriptorLinks() ? link : path, close: () => closeSync(descriptor) };
}

/** Opens the regular file at an absolute real path. The caller closes the handle. */
export async function openRegularFile(path: BytePath): Promise<OpenFile | Refusal> {
  let handle: FileHandle;
  try {
    handle = await open(bytesOf(path), READ_FLAGS);
  } catch (error) {
    return { refused: reasonOf(error, "not_a_file") };
  }
  const stats = fstatSync(handle.fd);
  const refused = stats.isFile() ? (heldPath(handle.fd, path) === path ? undefined : "moved") : "not_a_file";
  if (refused === undefined) return { handle, stats };
  await handle.close();
  return { refused };
}

/** What stands at a path, without following a symlink at its end. The parent must be an `OpenFolder`'s base or already verified. */
export function statEntry(path: BytePath): Stats | Refusal {
  try {
    return lstatSync(bytesOf(path));
  } catch (error) {
    return { refused: reasonOf(error, "io_error") };
  }
}

export function isRefusal(value: object): value is Refusal {
  return "refused" in value;
}

/** The path the kernel holds for a descriptor; where there is no /proc, the real path of `expected` if it still is the same file. */
function heldPath(descriptor: number, expected: BytePath): BytePath | undefined {
  try {
    if (hasDescriptorLinks()) return asBytePath(readlinkSync(`/proc/self/fd/${descriptor}`, "latin1"));
    const [held, named] = [fstatSync(descriptor), lstatSync(bytesOf(expected))];
    if (held.dev !== named.dev || held.ino !== named.ino) return undefined;
    return realPathOf(expected);
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return undefined;
  }
}

let descriptorLinks: boolean | undefined;
function hasDescriptorLinks(): boolean {
  descriptorLinks ??= lstatSync("/proc/self/fd", { throwIfNoEntry: false })?.isDirectory() === true;
  return descriptorLinks;
}

function reasonOf(error: unknown, wrongType: UnreadableReason): UnreadableReason {
  switch (systemCode(error)) {
    case "EACCES":
    case "EPERM":
      return "permission";
    case "ENOENT":
      return "gone";
    case "ELOOP":
      return "symlink";
    case "ENOTDIR":
    case "EISDIR":
    case "ENXIO":
    case "ENODEV":
    case "EOPNOTSUPP":
      return wrongType;
    case "ENAMETOOLONG":
      return "name_too_long";
    case "":
      throw error;
    default:
      return "io_error";
  }
}
