// The capability archive.list: what an archive holds, and what is wrong with it, without taking anything out.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { ONE_SOURCE, openSource, sourceOf } from "../source/source.ts";
import { ARCHIVE_EXTENSIONS, ARCHIVE_FORMATS, archiveFormat, visitArchive } from "./archive.ts";
import { type ArchiveEntry, ArchiveEntrySchema, type EntryFlag, entryOutput } from "./archive-entry.ts";

const MAX_ARCHIVE_BYTES = 1_073_741_824;
const MAX_ENTRIES = 200_000;
const DEFAULT_INLINE = 500;
const MOST_INLINE = 2000;
const TIMEOUT_MS = 300_000;
const PROGRESS_EVERY = 2000;

const Input = Type.Object(
  {
    ...sourceOf(ARCHIVE_EXTENSIONS),
    max_inline: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MOST_INLINE,
        default: DEFAULT_INLINE,
        title: "Entries inline",
        description: "Of a longer list only the beginning stands in the output; all are in the artifact.",
      }),
    ),
  },
  { ...ONE_SOURCE, title: "archive.list input" },
);

const Output = Type.Object(
  {
    format: Type.Enum(ARCHIVE_FORMATS, { title: "Format", description: "What the bytes are, whatever the name says." }),
    bytes: Type.Integer({ minimum: 0, title: "Size", description: "Size of the archive in bytes." }),
    entries_total: Type.Integer({ minimum: 0, title: "Entries" }),
    files_total: Type.Integer({ minimum: 0, title: "Files", description: "Entries that are regular files." }),
    unpacked_bytes: Type.Integer({ minimum: 0, title: "Unpacked size", description: "Sum of the sizes that the entries declare." }),
    is_bomb: Type.Boolean({ title: "Bomb", description: "Whether an entry claims an absurd ratio or entries share their bytes." }),
    flags: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
      title: "Flags",
      description: "How many entries carry each flag; flags that none carries are left out.",
    }),
    entries: Type.Array(ArchiveEntrySchema, {
      title: "Entries",
      description: "In the archive's order; the first of them where there are many.",
    }),
    truncated: Type.Boolean({ title: "Shortened here", description: "Whether there are more entries than stand here." }),
    list_artifact: Type.Optional({ ...ArtifactRefSchema, title: "List", description: "All entries as JSON, where not all stand here." }),
  },
  { title: "archive.list output", "x-kos-type": "archive.list" },
);

export const archiveList = defineCapability({
  name: "archive.list",
  title: "List an archive",
  description:
    "Lists the entries of a zip, tar, tar.gz or gz file with sizes, types and what is wrong with them: unsafe paths, links, devices, duplicates, encryption, bombs. " +
    "Errors, with details.reason: BAD_REQUEST (empty, unsupported, encrypted, broken, unreachable), TOO_LARGE (too_large, bomb), FORBIDDEN, NOT_FOUND.",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  timeout_ms: TIMEOUT_MS,
  // What costs a process its life once will do so again.
  retry: { max_attempts: 2 },
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    await using source = await openSource(params, context, MAX_ARCHIVE_BYTES);
    const { signal } = context;
    const format = await archiveFormat(source, signal);
    const entries: ArchiveEntry[] = [];
    await visitArchive(format, source, { signal, maxEntries: MAX_ENTRIES }, async (entry) => {
      entries.push(entry);
      if (entries.length % PROGRESS_EVERY === 0) context.progress({ done: entries.length, message: "listing entries" });
    });
    const shown = entries.map(entryOutput);
    const inline = shown.slice(0, params.max_inline ?? DEFAULT_INLINE);
    const truncated = inline.length < shown.length;
    const counts = flagCounts(entries);
    const list = truncated
      ? await context.artifacts.put({ name: "entries.json", media_type: "application/json", content: JSON.stringify(shown) })
      : undefined;
    return {
      format,
      bytes: source.bytes,
      entries_total: entries.length,
      files_total: entries.filter(({ type }) => type === "file").length,
      unpacked_bytes: entries.reduce((sum, { bytes }) => Math.min(Number.MAX_SAFE_INTEGER, sum + bytes), 0),
      is_bomb: (counts.bomb ?? 0) + (counts.overlap ?? 0) > 0,
      flags: { ...counts },
      entries: inline,
      truncated,
      ...(list !== undefined && { list_artifact: { ...list } }),
    };
  },
});

function flagCounts(entries: readonly ArchiveEntry[]): Partial<Record<EntryFlag, number>> {
  const counts: Partial<Record<EntryFlag, number>> = {};
  for (const { flags } of entries) for (const flag of flags) counts[flag] = (counts[flag] ?? 0) + 1;
  return counts;
}
