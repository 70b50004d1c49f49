// The capability fs.scan: which files a folder holds. It lists names and sizes and opens none of the files.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { spellPath } from "../paths/byte-path.ts";
import { FolderParam } from "../paths/folder-param.ts";
import { realRoots, resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, openFolder } from "../paths/guarded-open.ts";
import { badParam, throwIfAborted } from "../task-error.ts";
import { ChunkSchema, writeFileLists } from "./file-list.ts";
import { type EntryKind, SCAN_REFUSALS, type TreeEntry } from "./tree-entry.ts";
import { scanTree } from "./tree-scan.ts";

const MAX_LISTED_UNREADABLE = 100;
const DEFAULT_MAX_FILES = 500_000;
const TEN_MINUTES_MS = 600_000;

const Patterns = (title: string, description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: 1000, title, description }));

const Input = Type.Object(
  {
    path: FolderParam("The folder to list."),
    include: Patterns(
      "Include",
      "Patterns in gitignore syntax; only files that one of them names, or that lie in such a folder, are listed.",
    ),
    exclude: Patterns("Exclude", "Patterns in gitignore syntax; what they name is left out, tracked files too."),
    max_files: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 5_000_000,
        default: DEFAULT_MAX_FILES,
        title: "Most files",
        description: "More than this is an error.",
      }),
    ),
  },
  { additionalProperties: false, title: "fs.scan input" },
);

export const FsScanOutput = Type.Object(
  {
    root: Type.String({ title: "Folder", description: "The folder as an absolute path without symlinks.", "x-kos-type": "fs.path" }),
    repository: Type.Boolean({ title: "In a git work tree", description: "Whether git's own rules and index decided what is listed." }),
    filtered: Type.Boolean({
      title: "Filtered",
      description: "Whether include or exclude patterns were given, so that the counts are not those of git.",
    }),
    revision: Type.Object(
      { branch: Type.Optional(Type.String({ title: "Branch" })), commit: Type.Optional(Type.String({ title: "Commit" })) },
      { title: "Revision", description: "What HEAD stands for; empty outside a repository or before the first commit." },
    ),
    files_total: Count(
      "Files",
      "In a git work tree the number of paths that `git ls-files --cached --others --exclude-standard` lists (with no global excludes file), without those that are not on disk, each once: " +
        "ignored files do not count unless tracked, a submodule or another repository counts as one, nothing in `.git` counts, symlinks count and are not followed. " +
        "Elsewhere every file and symlink that no .gitignore file in the folder ignores.",
    ),
    bytes_total: Count("Bytes", "Sum of their sizes on disk (lstat): a symlink is as long as its target's path; a submodule is 0."),
    kinds: Type.Object(
      { file: Type.Integer(), symlink: Type.Integer(), submodule: Type.Integer(), other: Type.Integer() },
      {
        title: "By kind",
        description: "How many of the files are regular files, symlinks, submodules (also untracked repositories) and other things.",
      },
    ),
    lists: Type.Array(ArtifactRefSchema, {
      title: "File lists",
      description: "NDJSON artifacts, one {path, raw?, bytes, kind} a line, in byte order of path.",
    }),
    chunks: Type.Array(ChunkSchema, {
      title: "Chunks",
      description: "The lists cut into pieces of work, for a for_each.",
      "x-kos-type": "fs.chunks",
    }),
    unreadable: Type.Array(
      Type.Object({
        path: Type.String(),
        raw: Type.Optional(Type.String()),
        reason: Type.Enum(SCAN_REFUSALS),
      }),
      {
        title: "Unreadable",
        description: `Folders, files and ignore files that cannot be read, with the reason; at most ${MAX_LISTED_UNREADABLE}. Such a file counts all the same.`,
      },
    ),
    unreadable_total: Count("Unreadable in all", "How many there are, also those not listed."),
    notes: Type.Array(Type.String(), { title: "Notes", description: "What a reader should know about how the list came about." }),
    scanned_at: Type.String({ title: "Scanned at", description: "When the scan began, RFC 3339 UTC." }),
    measured_by: MeasuredBySchema,
  },
  { title: "fs.scan output", "x-kos-type": "fs.tree" },
);

export const fsScan = defineCapability({
  name: "fs.scan",
  title: "List the files of a folder",
  description:
    "Lists the files of a folder as git sees them, honouring .gitignore, without running git. Never follows a symlink. " +
    "Errors: FORBIDDEN outside the granted folders, NOT_FOUND, BAD_REQUEST when the path is a file, TOO_LARGE above max_files.",
  input: Input,
  output: FsScanOutput,
  effects: ["fs.read"],
  output_labels: ["untrusted", "confidential"],
  timeout_ms: TEN_MINUTES_MS,
  async run(params, context) {
    const startedAt = context.now();
    const { path: folder } = resolveGrantedPath(params.path, context.fsRoots, "/path");
    const opened = openFolder(folder);
    if (isRefusal(opened)) {
      if (opened.refused === "not_a_folder")
        throw badParam("/path", `${JSON.stringify(params.path)} is not a folder.`, "Give the folder it lies in.");
      throw badParam(
        "/path",
        `${JSON.stringify(params.path)} cannot be opened (${opened.refused}).`,
        "Check its permissions for the user the node runs as.",
      );
    }
    opened.close();
    const scan = await scanTree({
      folder,
      roots: realRoots(context.fsRoots),
      ...(params.include && { include: params.include }),
      ...(params.exclude && { exclude: params.exclude }),
      maxFiles: params.max_files ?? DEFAULT_MAX_FILES,
      signal: context.signal,
      onProgress: (found) => context.progress({ done: found, message: `${found} files found` }),
    });
    throwIfAborted(context.signal);
    const lists = await writeFileLists(scan.entries, context.artifacts);
    return {
      root: spellPath(folder).path,
      repository: scan.repository,
      filtered: (params.include?.length ?? 0) + (params.exclude?.length ?? 0) > 0,
      revision: { ...scan.revision },
      files_total: scan.entries.length,
      bytes_total: sum(scan.entries),
      kinds: countKinds(scan.entries),
      lists: [...lists.lists],
      chunks: [...lists.chunks],
      unreadable: scan.unreadable.slice(0, MAX_LISTED_UNREADABLE).map(({ path, reason }) => ({ ...spellPath(path), reason })),
      unreadable_total: scan.unreadable.length,
      notes: [...scan.notes],
      scanned_at: new Date(startedAt).toISOString(),
      measured_by: measuredBy(context, "fs.scan"),
    };
  },
});

function countKinds(entries: readonly TreeEntry[]): Record<EntryKind, number> {
  const counts = { file: 0, symlink: 0, submodule: 0, other: 0 };
  for (const entry of entries) counts[entry.kind] += 1;
  return counts;
}

function sum(entries: readonly TreeEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.bytes, 0);
}
