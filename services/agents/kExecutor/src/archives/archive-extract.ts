// The capability archive.extract: chosen entries of an archive as artifacts. It never writes to the file system, so no path in an archive leads anywhere [R92].

import { type CapabilityContext, defineCapability } from "@kos/agent";
import { isKosError } from "@kos/klp";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { compileGlob, type Glob } from "../ignore/glob.ts";
import { bytePathOf } from "../paths/byte-path.ts";
import { oneLine } from "../source/shown-text.ts";
import { ONE_SOURCE, openSource, sourceOf } from "../source/source.ts";
import { UNREADABLE } from "../source/unreadable.ts";
import { ARCHIVE_EXTENSIONS, ARCHIVE_FORMATS, archiveFormat, visitArchive } from "./archive.ts";
import { type ArchiveEntry, ENTRY_FLAGS, REFUSED_FLAGS } from "./archive-entry.ts";
import type { Visitor } from "./archive-visit.ts";

const MAX_ARCHIVE_BYTES = 1_073_741_824;
const MAX_ENTRIES = 200_000;
const DEFAULT_MAX_FILES = 200;
const MOST_FILES = 2000;
const MAX_FILE_BYTES = 67_108_864;
const DEFAULT_MAX_BYTES = 268_435_456;
const MOST_BYTES = 1_073_741_824;
const TIMEOUT_MS = 300_000;
const MAX_SKIPPED = 500;
const MAX_PATH_CHARS = 1024;

/** Why an entry was not taken out: its flags, what reading it failed of, or the limits of the call. */
const SKIP_REASONS = [...ENTRY_FLAGS, ...UNREADABLE, "not_a_file", "not_found", "limit"] as const;
const SKIP_REASON_SET = [...new Set(SKIP_REASONS)];
type SkipReason = (typeof SKIP_REASONS)[number];

const Input = Type.Object(
  {
    ...sourceOf(ARCHIVE_EXTENSIONS),
    entries: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: MAX_PATH_CHARS }), {
        maxItems: MOST_FILES,
        title: "Entries",
        description: "Paths of the entries to take out, as archive.list gives them. Default: all files.",
        "x-kos-sink": "control",
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        title: "Pattern",
        description: "Take out the files whose whole path matches: * stays within a folder, **/ crosses them, so **/*.pdf is every PDF.",
        "x-kos-sink": "control",
      }),
    ),
    max_files: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_FILES,
        default: DEFAULT_MAX_FILES,
        title: "Most files",
        description: "More are skipped and named.",
      }),
    ),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_BYTES,
        default: DEFAULT_MAX_BYTES,
        title: "Most bytes",
        description: "Of all files together, unpacked.",
      }),
    ),
  },
  { ...ONE_SOURCE, title: "archive.extract input" },
);

const Output = Type.Object(
  {
    format: Type.Enum(ARCHIVE_FORMATS, { title: "Format", description: "What the bytes are, whatever the name says." }),
    files: Type.Array(
      Type.Object({
        path: Type.String({ title: "Path", description: "In the archive." }),
        artifact: ArtifactRefSchema,
      }),
      { title: "Files", description: "What was taken out, each as an artifact." },
    ),
    files_total: Type.Integer({ minimum: 0, title: "Taken out" }),
    bytes_total: Type.Integer({ minimum: 0, title: "Unpacked bytes" }),
    skipped: Type.Array(
      Type.Object({
        path: Type.String({ title: "Path" }),
        reason: Type.Enum(SKIP_REASON_SET, { title: "Reason" }),
      }),
      { title: "Skipped", description: `Chosen entries that were not taken out, and why; the first ${MAX_SKIPPED}.` },
    ),
    skipped_total: Type.Integer({ minimum: 0, title: "Skipped in all" }),
  },
  { title: "archive.extract output", "x-kos-type": "archive.files" },
);

type Params = Type.Static<typeof Input>;
type Output = Type.Static<typeof Output>;

export const archiveExtract = defineCapability({
  name: "archive.extract",
  title: "Take files out of an archive",
  description:
    "Writes chosen files of a zip, tar, tar.gz or gz file to artifacts. Entries with unsafe paths, links, devices, duplicates, encrypted ones and bombs are skipped with the reason. " +
    "Errors, with details.reason: BAD_REQUEST (empty, unsupported, encrypted, broken, unreachable), TOO_LARGE (too_large, bomb), FORBIDDEN, NOT_FOUND, STORAGE_FULL.",
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
    const taking = createTaking(params, context);
    await visitArchive(format, source, { signal, maxEntries: MAX_ENTRIES }, taking.visit);
    return { format, ...taking.result() };
  },
});

interface Taking {
  readonly visit: Visitor;
  result(): Omit<Output, "format">;
}

function createTaking(params: Params, context: CapabilityContext): Taking {
  const files: Output["files"] = [];
  const skipped: Output["skipped"] = [];
  let skippedTotal = 0;
  let bytes = 0;
  const maxFiles = params.max_files ?? DEFAULT_MAX_FILES;
  const maxBytes = params.max_bytes ?? DEFAULT_MAX_BYTES;
  const wanted = params.entries === undefined ? undefined : new Set(params.entries);
  const glob = params.pattern === undefined ? undefined : compileGlob(bytePathOf(params.pattern), { segments: true, ignoreCase: false });
  const skip = (path: string, reason: SkipReason): void => {
    skippedTotal += 1;
    if (skipped.length < MAX_SKIPPED) skipped.push({ path, reason });
  };

  async function visit(entry: ArchiveEntry, read: (maxBytes: number) => Promise<Buffer>): Promise<void> {
    const path = oneLine(entry.name, MAX_PATH_CHARS) ?? "";
    const isNamed = wanted?.delete(path) === true;
    if (!isNamed && !isChosen(path, entry, wanted, glob)) return;
    const refused = entry.flags.find((flag) => REFUSED_FLAGS.has(flag));
    if (refused !== undefined) return skip(path, refused);
    if (entry.type !== "file") return skip(path, "not_a_file");
    if (files.length >= maxFiles || bytes + entry.bytes > maxBytes) return skip(path, "limit");
    const content = await contentOf(path, read);
    if (content === undefined) return;
    bytes += content.length;
    const name = oneLine(path.split("/").at(-1), 200) ?? "file";
    const artifact = await context.artifacts.put({ name, media_type: mediaTypeOf(name), content });
    files.push({ path, artifact: { ...artifact } });
    context.progress({ done: files.length, message: "taking out files" });
  }

  async function contentOf(path: string, read: (maxBytes: number) => Promise<Buffer>): Promise<Buffer | undefined> {
    try {
      return await read(Math.min(MAX_FILE_BYTES, maxBytes - bytes));
    } catch (error) {
      const reason = isKosError(error) ? error.details?.["reason"] : undefined;
      const known = SKIP_REASON_SET.find((one) => one === reason);
      if (known === undefined) throw error;
      skip(path, known);
      return undefined;
    }
  }

  return {
    visit,
    result() {
      for (const path of wanted ?? []) skip(path, "not_found");
      return { files, files_total: files.length, bytes_total: bytes, skipped, skipped_total: skippedTotal };
    },
  };
}

/** Without a choice of its own everything is chosen but folders, which have no content. */
function isChosen(path: string, entry: ArchiveEntry, wanted: ReadonlySet<string> | undefined, glob: Glob | undefined): boolean {
  if (glob !== undefined) return entry.type !== "folder" && glob.matches(bytePathOf(path));
  return wanted === undefined && entry.type !== "folder";
}

/** By name only: a hint for whoever opens it, who has to look at the bytes anyway. */
function mediaTypeOf(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return MEDIA_TYPES[extension] ?? "application/octet-stream";
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  htm: "text/html",
  json: "application/json",
  xml: "application/xml",
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  odt: "application/vnd.oasis.opendocument.text",
  epub: "application/epub+zip",
  zip: "application/zip",
  gz: "application/gzip",
  tar: "application/x-tar",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};
