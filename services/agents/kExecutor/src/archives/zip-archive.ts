// zip as an archive: its entries from the central directory, each judged.

import type { Source } from "../source/source.ts";
import { isBomb, openZip, type ZipEntry } from "../source/zip-container.ts";
import { throwIfAborted } from "../task-error.ts";
import { type ArchiveEntry, createEntryJudge, type EntryFlag, type EntryType } from "./archive-entry.ts";
import { type VisitOptions, type Visitor, WHAT } from "./archive-visit.ts";

/** stat(2): the file type in a Unix mode. */
const TYPE_MASK = 0o170000;
const TYPES: Readonly<Record<number, EntryType>> = {
  0o120000: "symlink",
  0o060000: "device",
  0o020000: "device",
  0o010000: "pipe",
  0o140000: "other",
  0o040000: "folder",
};

export async function visitZip(source: Source, options: VisitOptions, visit: Visitor): Promise<void> {
  const zip = await openZip(source, { what: WHAT, ...options });
  const judge = createEntryJudge();
  for (const entry of zip.entries) {
    throwIfAborted(options.signal);
    await visit(judge(describe(entry)), (maxBytes) => zip.read(entry, maxBytes));
  }
}

function describe(entry: ZipEntry): ArchiveEntry {
  const flags: EntryFlag[] = [];
  if (entry.isEncrypted) flags.push("encrypted");
  if (entry.isOverlapping) flags.push("overlap");
  if (!entry.isSupported) flags.push("unsupported_method");
  if (isBomb(entry.bytes, entry.compressedBytes)) flags.push("bomb");
  return {
    name: entry.name,
    type: TYPES[entry.mode & TYPE_MASK] ?? (entry.name.endsWith("/") ? "folder" : "file"),
    bytes: entry.bytes,
    compressedBytes: entry.compressedBytes,
    modifiedMs: entry.modifiedMs,
    flags,
  };
}
