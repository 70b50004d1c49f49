// Walks the folders of a tree by the rules of git: ignored folders are not entered, tracked files count even where ignored, other repositories count once.
// Paths here are relative to the top of the work tree, or to the folder itself where there is none.

import { accessSync, constants, readdirSync, type Stats } from "node:fs";
import { scheduler } from "node:timers/promises";
import { isRepositoryTop } from "../git/work-tree.ts";
import { foldAscii } from "../ignore/glob.ts";
import { parseIgnoreFile } from "../ignore/ignore-file.ts";
import { type IgnoreRules, ignoreRules } from "../ignore/ignore-rules.ts";
import { asBytePath, type BytePath, bytesOf, EMPTY_PATH, joinPath, parentOf } from "../paths/byte-path.ts";
import { isUnder } from "../paths/granted-path.ts";
import { isRefusal, type OpenFolder, openFolder, type Refusal, statEntry } from "../paths/guarded-open.ts";
import { readSmallFile } from "../paths/small-file.ts";
import { systemCode, throwIfAborted, tooLarge } from "../task-error.ts";
import type { PathFilter } from "./path-filter.ts";
import type { TrackedPaths } from "./tracked-paths.ts";
import type { EntryKind, TreeEntry, UnreadableEntry } from "./tree-entry.ts";

export interface TreeWalkOptions {
  /** Absolute real path the walked paths are relative to. */
  readonly top: BytePath;
  /** The folder asked for, relative to `top`; only what lies in it is listed. */
  readonly prefix: BytePath;
  readonly roots: readonly BytePath[];
  readonly isWorkTree: boolean;
  readonly ignoreCase: boolean;
  /** .git/info/exclude, one byte a character. */
  readonly repositoryExcludes: string;
  readonly tracked: TrackedPaths;
  readonly filter: PathFilter;
  readonly maxFiles: number;
  readonly signal: AbortSignal;
  onProgress(found: number): void;
}

export interface TreeWalkResult {
  /** Paths relative to `prefix`, in byte order. */
  readonly entries: readonly TreeEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

interface Visit {
  readonly path: BytePath;
  readonly rules: IgnoreRules;
}

const MAX_IGNORE_FILE_BYTES = 8_388_608;
const YIELD_EVERY = 64;
const READABLE_BY_ALL = 0o444;

/** Errors: TOO_LARGE above `maxFiles`; CANCELLED or the abort reason. */
export async function walkTree(options: TreeWalkOptions): Promise<TreeWalkResult> {
  const { top, prefix, tracked, filter } = options;
  const found = new Map<string, TreeEntry>();
  const unreadable = new Map<BytePath, UnreadableEntry>();
  let steps = 0;

  await visitAll();
  await addTracked();
  return { entries: [...found.values()].sort(byPath), unreadable: [...unreadable.values()].sort(byPath) };

  async function visitAll(): Promise<void> {
    const start = await firstVisit();
    const pending: Visit[] = start === undefined ? [] : [start];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      await breathe();
      pending.push(...(await visitFolder(visit)));
    }
  }

  /** The folder asked for with the rules of the folders above it, or nothing when one of those is ignored. */
  async function firstVisit(): Promise<Visit | undefined> {
    let rules = ignoreRules([parseIgnoreFile(options.repositoryExcludes, EMPTY_PATH, options.ignoreCase)]);
    let path = EMPTY_PATH;
    for (const name of prefix === "" ? [] : prefix.split("/")) {
      rules = await withOwnRules(path, rules);
      path = joinPath(path, name);
      if (rules.isIgnored(path, name, true)) return undefined;
    }
    return { path, rules };
  }

  /** Lists one folder and gives the folders in it that are to be visited. */
  async function visitFolder(visit: Visit): Promise<readonly Visit[]> {
    const folder = openFolder(joinPath(top, visit.path));
    if (isRefusal(folder)) {
      refuse(visit.path, folder);
      return [];
    }
    try {
      const names = namesIn(folder, visit.path);
      if (await isOtherRepository(visit.path, names)) {
        add({ path: visit.path, bytes: 0, kind: "submodule" });
        return [];
      }
      const rules = names.includes(".gitignore") ? await withOwnRules(visit.path, visit.rules) : visit.rules;
      return names.flatMap((name) => visitEntry(folder, visit.path, name, rules));
    } finally {
      folder.close();
    }
  }

  function visitEntry(folder: OpenFolder, parent: BytePath, name: string, rules: IgnoreRules): readonly Visit[] {
    if (name === ".git" || (options.ignoreCase && foldAscii(name) === ".git")) return [];
    const path = joinPath(parent, name);
    const stats = statEntry(joinPath(folder.base, name));
    if (isRefusal(stats)) {
      if (stats.refused !== "gone" && (tracked.has(path) || !rules.isIgnored(path, name, false))) addUnknown(path, stats);
      return [];
    }
    if (stats.isDirectory()) {
      const skipped = tracked.isSubmodule(path) || filter.prunes(below(path)) || rules.isIgnored(path, name, true);
      return skipped ? [] : [{ path, rules }];
    }
    const isListed = stats.isFile() || stats.isSymbolicLink();
    if (isListed && (tracked.has(path) || !rules.isIgnored(path, name, false))) addFound(path, stats, joinPath(folder.base, name));
    return [];
  }

  /** Tracked paths that the walk did not come across: in ignored folders, submodules, and what is no file any more. */
  async function addTracked(): Promise<void> {
    let parent: { readonly path: BytePath; readonly folder: OpenFolder | Refusal } | undefined;
    const leave = () => parent !== undefined && !isRefusal(parent.folder) && parent.folder.close();
    try {
      for (const { path } of tracked.entries) {
        if (!(prefix === "" || isUnder(path, prefix)) || path === prefix || found.has(keyOf(path))) continue;
        const parentPath = parentOf(path);
        if (parent?.path !== parentPath) {
          await breathe();
          leave();
          parent = { path: parentPath, folder: openFolder(joinPath(top, parentPath)) };
        }
        if (isRefusal(parent.folder)) {
          if (parent.folder.refused === "permission") addUnknown(path, parent.folder);
          continue;
        }
        const place = joinPath(parent.folder.base, path.slice(parentPath === "" ? 0 : parentPath.length + 1));
        const stats = statEntry(place);
        if (!isRefusal(stats)) addFound(path, stats, place);
        else if (stats.refused !== "gone") addUnknown(path, stats);
      }
    } finally {
      leave();
    }
  }

  async function isOtherRepository(path: BytePath, names: readonly string[]): Promise<boolean> {
    if (!options.isWorkTree || path === prefix || !names.includes(".git") || tracked.hasBelow(path)) return false;
    return isRepositoryTop(joinPath(top, path), options.roots);
  }

  function namesIn(folder: OpenFolder, path: BytePath): readonly string[] {
    try {
      return readdirSync(bytesOf(folder.base), "latin1");
    } catch (error) {
      if (systemCode(error) === "") throw error;
      nameUnreadable(path, "io_error");
      return [];
    }
  }

  async function withOwnRules(folder: BytePath, rules: IgnoreRules): Promise<IgnoreRules> {
    const path = joinPath(folder, ".gitignore");
    const content = await readSmallFile(joinPath(top, path), MAX_IGNORE_FILE_BYTES);
    if (Buffer.isBuffer(content)) return rules.with(parseIgnoreFile(content.toString("latin1"), folder, options.ignoreCase));
    if (content.refused !== "gone" && content.refused !== "not_a_file") nameUnreadable(path, content.refused);
    return rules;
  }

  function add(entry: TreeEntry): void {
    const path = below(entry.path);
    if (!filter.accepts(path)) return;
    found.set(keyOf(entry.path), { ...entry, path });
    if (found.size <= options.maxFiles) return;
    throw tooLarge(
      "/max_files",
      `The tree holds more than ${options.maxFiles} files.`,
      "Raise max_files, or narrow it with include and exclude.",
      {
        max_files: options.maxFiles,
      },
    );
  }

  /** `place`: where it can be reached now. A file that may not be read counts all the same, and is named. */
  function addFound(path: BytePath, stats: Stats, place: BytePath): void {
    if (stats.isFile() && (stats.mode & READABLE_BY_ALL) !== READABLE_BY_ALL && !mayRead(place)) refuse(path, { refused: "permission" });
    add({ path, ...measured(stats, tracked.isSubmodule(path)) });
  }

  /** Something is there, but the system does not say what. */
  function addUnknown(path: BytePath, refusal: Refusal): void {
    refuse(path, refusal);
    add({ path, bytes: 0, kind: "other" });
  }

  function refuse(path: BytePath, refusal: Refusal): void {
    nameUnreadable(path, refusal.refused);
  }

  function nameUnreadable(path: BytePath, reason: UnreadableEntry["reason"]): void {
    unreadable.set(path, { path: below(path), reason });
  }

  function below(path: BytePath): BytePath {
    return prefix === "" ? path : asBytePath(path.slice(prefix.length + 1));
  }

  function keyOf(path: BytePath): string {
    return options.ignoreCase ? foldAscii(path) : path;
  }

  async function breathe(): Promise<void> {
    steps += 1;
    if (steps % YIELD_EVERY !== 0) return;
    await scheduler.yield();
    throwIfAborted(options.signal);
    options.onProgress(found.size);
  }
}

function mayRead(place: BytePath): boolean {
  try {
    accessSync(bytesOf(place), constants.R_OK);
    return true;
  } catch (error) {
    if (systemCode(error) === "") throw error;
    return false;
  }
}

function measured(stats: Stats, isSubmodule: boolean): { readonly bytes: number; readonly kind: EntryKind } {
  if (stats.isFile()) return { bytes: stats.size, kind: "file" };
  if (stats.isSymbolicLink()) return { bytes: stats.size, kind: "symlink" };
  return { bytes: 0, kind: isSubmodule && stats.isDirectory() ? "submodule" : "other" };
}

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  if (one.path === other.path) return 0;
  return one.path < other.path ? -1 : 1;
}
