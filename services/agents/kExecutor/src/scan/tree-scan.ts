// Lists the files of a folder exactly as `git ls-files --cached --others --exclude-standard` does, without the ones deleted on disk, each once.
// It reads names, ignore files and git's index itself; it never follows a symlink, never opens a listed file and never runs git.

import { GitIndexError, type IndexEntry, parseGitIndex } from "../git/git-index.ts";
import { findWorkTree, type Revision, readRevision, type WorkTree } from "../git/work-tree.ts";
import { asBytePath, type BytePath, EMPTY_PATH, joinPath } from "../paths/byte-path.ts";
import { readSmallFile } from "../paths/small-file.ts";
import { pathFilter } from "./path-filter.ts";
import { trackedPaths } from "./tracked-paths.ts";
import type { TreeEntry, UnreadableEntry } from "./tree-entry.ts";
import { walkTree } from "./tree-walk.ts";

export interface TreeScan {
  /** In byte order of path, relative to the folder. */
  readonly entries: readonly TreeEntry[];
  /** Whether the folder lies in a git work tree whose metadata could be read. */
  readonly repository: boolean;
  readonly revision: Revision;
  /** Folders that could not be entered, files that may not be read, and ignore files and an index that could not be read. */
  readonly unreadable: readonly UnreadableEntry[];
  /** What a reader should know about how the list came about, in plain words. */
  readonly notes: readonly string[];
}

export interface TreeScanOptions {
  /** Absolute real path. */
  readonly folder: BytePath;
  /** Granted roots, absolute and real. */
  readonly roots: readonly BytePath[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly maxFiles: number;
  readonly signal: AbortSignal;
  onProgress(found: number): void;
}

interface IndexReading {
  readonly entries: readonly IndexEntry[];
  readonly problem?: UnreadableEntry["reason"];
}

const MAX_INDEX_BYTES = 1_073_741_824;
const MAX_EXCLUDES_BYTES = 8_388_608;
const INDEX_PATH = asBytePath(".git/index");

/** Errors: TOO_LARGE above `maxFiles`; CANCELLED or the abort reason. A folder that cannot be read at all is an entry of `unreadable`. */
export async function scanTree(options: TreeScanOptions): Promise<TreeScan> {
  const { workTree, note } = await findWorkTree(options.folder, options.roots);
  const top = workTree?.top ?? options.folder;
  const index = workTree === undefined ? { entries: [] } : await readIndex(workTree);
  const ignoreCase = workTree?.config.ignoreCase ?? false;
  const walked = await walkTree({
    top,
    prefix: asBytePath(options.folder.slice(top.length).replace(/^\//, "")),
    roots: options.roots,
    isWorkTree: workTree !== undefined,
    ignoreCase,
    repositoryExcludes: workTree === undefined ? "" : await readExcludes(workTree),
    tracked: trackedPaths(index.entries, ignoreCase),
    filter: pathFilter(options.include, options.exclude),
    maxFiles: options.maxFiles,
    signal: options.signal,
    onProgress: (found) => options.onProgress(found),
  });
  return {
    entries: walked.entries,
    repository: workTree !== undefined,
    revision: workTree === undefined ? {} : await readRevision(workTree),
    unreadable: index.problem === undefined ? walked.unreadable : [{ path: INDEX_PATH, reason: index.problem }, ...walked.unreadable],
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(index.problem === undefined
        ? []
        : ["The index of the repository could not be read, so tracked files that are also ignored are missing."]),
    ],
  };
}

async function readIndex(workTree: WorkTree): Promise<IndexReading> {
  const bytes = await readSmallFile(joinPath(workTree.gitDir, "index"), MAX_INDEX_BYTES);
  if (!Buffer.isBuffer(bytes)) return bytes.refused === "gone" ? { entries: [] } : { entries: [], problem: bytes.refused };
  try {
    return await parseGitIndex(bytes, workTree.config.hashBytes, async (id) => {
      const shared = await readSmallFile(joinPath(workTree.gitDir, `sharedindex.${id}`), MAX_INDEX_BYTES);
      if (!Buffer.isBuffer(shared)) throw new GitIndexError(`its shared part cannot be read (${shared.refused})`);
      return shared;
    });
  } catch (error) {
    if (error instanceof GitIndexError) return { entries: [], problem: "damaged" };
    throw error;
  }
}

async function readExcludes(workTree: WorkTree): Promise<string> {
  const bytes = await readSmallFile(joinPath(joinPath(workTree.commonDir, "info"), "exclude"), MAX_EXCLUDES_BYTES);
  return Buffer.isBuffer(bytes) ? bytes.toString("latin1") : EMPTY_PATH;
}
