// An entry of an archive as it is listed: what it is, and what is wrong with it. It judges names and sizes; it reads no content.

import Type from "typebox";
import { hidesText, oneLine } from "../source/shown-text.ts";

const ENTRY_TYPES = ["file", "folder", "symlink", "hardlink", "device", "pipe", "other"] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/**
 * Why an entry is not what an honest archive holds, or cannot be taken out. `unsafe_path`: absolute, with `..`, a drive, a backslash or a NUL.
 * `duplicate`: an earlier entry has that name, also where only case or Unicode form differ. `overlap`: shares its bytes with another.
 */
export const ENTRY_FLAGS = [
  "unsafe_path",
  "duplicate",
  "link",
  "device",
  "encrypted",
  "bomb",
  "overlap",
  "unsupported_method",
  "hidden_characters",
  "archive",
] as const;
export type EntryFlag = (typeof ENTRY_FLAGS)[number];

/** Flags with which nothing is taken out; an archive inside is a file like any other and is not opened. */
export const REFUSED_FLAGS: ReadonlySet<EntryFlag> = new Set([
  "unsafe_path",
  "duplicate",
  "link",
  "device",
  "encrypted",
  "bomb",
  "overlap",
  "unsupported_method",
]);

export const ArchiveEntrySchema = Type.Object(
  {
    path: Type.String({ title: "Path", description: "As written in the archive, bounded and without control characters." }),
    type: Type.Enum(ENTRY_TYPES, { title: "Type" }),
    bytes: Type.Integer({ minimum: 0, title: "Size", description: "As declared, unpacked." }),
    compressed_bytes: Type.Optional(Type.Integer({ minimum: 0, title: "Packed size" })),
    modified: Type.Optional(Type.String({ title: "Modified", description: "RFC 3339, UTC; archives seldom know the zone." })),
    target: Type.Optional(Type.String({ title: "Target", description: "Of a link." })),
    flags: Type.Array(Type.Enum(ENTRY_FLAGS), { title: "Flags", description: "What is wrong with it or special." }),
  },
  { title: "Entry" },
);
export type ArchiveEntryOutput = Type.Static<typeof ArchiveEntrySchema>;

/** What a reader of one format says of an entry. */
export interface ArchiveEntry {
  readonly name: string;
  readonly type: EntryType;
  readonly bytes: number;
  readonly compressedBytes?: number;
  readonly modifiedMs?: number;
  readonly target?: string;
  readonly flags: readonly EntryFlag[];
}

const MAX_PATH_CHARS = 1024;
const ARCHIVE_NAME = /\.(?:zip|jar|apk|tar|tgz|gz|bz2|xz|zst|7z|rar)$/i;
/** A year that RFC 3339 can write. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31);

function isUnsafePath(name: string): boolean {
  return name === "" || name.startsWith("/") || /[\\\0]/.test(name) || /^[A-Za-z]:/.test(name) || name.split("/").includes("..");
}

/** Judges the entries of one archive in their order; it remembers names to find duplicates. */
export function createEntryJudge(): (entry: ArchiveEntry) => ArchiveEntry {
  const seen = new Set<string>();
  return (entry) => {
    const flags = new Set(entry.flags);
    const key = entry.name.replace(/\/+$/, "").normalize("NFC").toLowerCase();
    if (isUnsafePath(entry.name)) flags.add("unsafe_path");
    if (seen.has(key)) flags.add("duplicate");
    seen.add(key);
    if (entry.type === "symlink" || entry.type === "hardlink") flags.add("link");
    if (entry.type === "device" || entry.type === "pipe") flags.add("device");
    if (hidesText(entry.name)) flags.add("hidden_characters");
    if (entry.type === "file" && ARCHIVE_NAME.test(entry.name)) flags.add("archive");
    return { ...entry, flags: [...flags] };
  };
}

export function entryOutput(entry: ArchiveEntry): ArchiveEntryOutput {
  const { type, bytes, compressedBytes, modifiedMs, target, flags } = entry;
  const isDated = modifiedMs !== undefined && modifiedMs > 0 && modifiedMs < MAX_TIME_MS;
  return {
    path: oneLine(entry.name, MAX_PATH_CHARS) ?? "",
    type,
    bytes: exact(bytes),
    ...(compressedBytes !== undefined && { compressed_bytes: exact(compressedBytes) }),
    ...(isDated && { modified: new Date(modifiedMs).toISOString() }),
    ...(target !== undefined && { target: oneLine(target, MAX_PATH_CHARS) ?? "" }),
    flags: [...flags],
  };
}

/** A header may claim any number; beyond 2^53 it cannot be written exactly, and says nothing more. */
function exact(bytes: number): number {
  return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(bytes) || 0));
}
