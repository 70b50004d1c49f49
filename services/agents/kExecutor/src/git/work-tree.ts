// Finds the git work tree a folder belongs to and reads what of its metadata decides which files git lists. It reads only under granted
// roots and runs nothing: not even git.

import { isAbsolute, resolve } from "node:path";
import { asBytePath, type BytePath, joinPath, parentOf, spellPath } from "../paths/byte-path.ts";
import { isUnder, rootOf } from "../paths/granted-path.ts";
import { isRefusal, statEntry } from "../paths/guarded-open.ts";
import { realPathOf } from "../paths/real-path.ts";
import { readSmallFile } from "../paths/small-file.ts";
import { DEFAULT_GIT_CONFIG, type GitConfig, parseGitConfig } from "./git-config.ts";

export interface WorkTree {
  /** The folder that holds `.git`. */
  readonly top: BytePath;
  /** Holds HEAD and index; a linked work tree and a submodule have their own. */
  readonly gitDir: BytePath;
  /** Holds config, info and refs; the same as `gitDir` except in a linked work tree. */
  readonly commonDir: BytePath;
  readonly config: GitConfig;
}

export interface WorkTreeSearch {
  readonly workTree?: WorkTree;
  /** Why a repository that seems to be there is not used. */
  readonly note?: string;
}

export interface Revision {
  readonly branch?: string;
  readonly commit?: string;
}

const MAX_METADATA_BYTES = 1_048_576;
const MAX_PACKED_REFS_BYTES = 67_108_864;

/** Walks up from `folder`, never above the granted root it lies under. */
export async function findWorkTree(folder: BytePath, roots: readonly BytePath[]): Promise<WorkTreeSearch> {
  const limit = rootOf(folder, roots);
  if (limit === undefined) return {};
  for (let top = folder; ; top = parentOf(top)) {
    const found = await gitDirOf(top);
    const search = found === undefined ? undefined : await openWorkTree(top, found, folder, roots);
    if (search !== undefined) return search;
    if (top === limit || parentOf(top) === "" || parentOf(top) === top) return {};
  }
}

/** Whether the folder is itself the top of some repository's work tree. A `.git` that leads out of the granted roots counts as one, unread. */
export async function isRepositoryTop(folder: BytePath, roots: readonly BytePath[]): Promise<boolean> {
  const gitDir = await gitDirOf(folder);
  if (gitDir === undefined) return false;
  return rootOf(gitDir, roots) === undefined || (await isGitDir(gitDir, roots));
}

/** Branch and commit that HEAD stands for; empty when there is no commit yet or it cannot be read. */
export async function readRevision(tree: WorkTree): Promise<Revision> {
  const head = await readText(joinPath(tree.gitDir, "HEAD"));
  if (head === undefined) return {};
  if (isObjectId(head.trim())) return { commit: head.trim() };
  const name = /^ref:\s*(refs\/[^\0\n]+)/.exec(head)?.[1]?.trim();
  if (name === undefined || name.split("/").includes("..")) return {};
  const branch = spellPath(asBytePath(name.replace(/^refs\/heads\//, ""))).path;
  const loose = await readText(joinPath(tree.commonDir, name));
  const commit = loose?.trim() ?? (await packedRef(tree, name));
  return { branch, ...(commit !== undefined && isObjectId(commit) ? { commit } : {}) };
}

async function packedRef(tree: WorkTree, name: string): Promise<string | undefined> {
  const packed = await readText(joinPath(tree.commonDir, "packed-refs"), MAX_PACKED_REFS_BYTES);
  const line = packed?.split("\n").find((candidate) => candidate.endsWith(` ${name}`));
  return line?.slice(0, line.indexOf(" "));
}

/** Undefined: what `.git` leads to is no repository, so the search goes on above. */
async function openWorkTree(
  top: BytePath,
  gitDir: BytePath,
  folder: BytePath,
  roots: readonly BytePath[],
): Promise<WorkTreeSearch | undefined> {
  if (rootOf(gitDir, roots) === undefined) {
    const place = JSON.stringify(spellPath(gitDir).path);
    return {
      note: `The repository keeps its metadata in ${place}, outside the granted folders, so it is read as a plain folder. Grant that folder too.`,
    };
  }
  if (isUnder(folder, gitDir)) return { note: "The folder lies inside a repository's metadata, so it is read as a plain folder." };
  if (!(await isGitDir(gitDir, roots))) return undefined;
  const commonDir = await commonDirOf(gitDir);
  if (rootOf(commonDir, roots) === undefined)
    return { note: "The repository shares metadata outside the granted folders; grant them too." };
  const config = await readText(joinPath(commonDir, "config"));
  return { workTree: { top, gitDir, commonDir, config: config === undefined ? DEFAULT_GIT_CONFIG : parseGitConfig(config) } };
}

/** Where `.git` in this folder leads: the folder itself, or what the file of that name says. Unverified. */
async function gitDirOf(folder: BytePath): Promise<BytePath | undefined> {
  const marker = joinPath(folder, ".git");
  const stats = statEntry(marker);
  if (isRefusal(stats)) return undefined;
  if (stats.isDirectory() || stats.isSymbolicLink()) return realPathOf(marker);
  if (!stats.isFile()) return undefined;
  const target = /^gitdir: ([^\0\n\r]+)/.exec((await readText(marker)) ?? "")?.[1];
  return target === undefined ? undefined : realPathOf(resolveFrom(folder, target));
}

/** What git itself asks of a repository: a HEAD that can be one, objects and refs. */
async function isGitDir(gitDir: BytePath, roots: readonly BytePath[]): Promise<boolean> {
  const head = statEntry(joinPath(gitDir, "HEAD"));
  if (isRefusal(head)) return false;
  if (!head.isSymbolicLink()) {
    const text = await readText(joinPath(gitDir, "HEAD"));
    if (text === undefined || !(/^ref:\s*refs\//.test(text) || isObjectId(text.trim()))) return false;
  }
  const commonDir = await commonDirOf(gitDir);
  if (rootOf(commonDir, roots) === undefined) return true;
  return ["objects", "refs"].every((name) => {
    const stats = statEntry(joinPath(commonDir, name));
    return !isRefusal(stats) && (stats.isDirectory() || stats.isSymbolicLink());
  });
}

async function commonDirOf(gitDir: BytePath): Promise<BytePath> {
  const text = await readText(joinPath(gitDir, "commondir"));
  return (text === undefined ? undefined : realPathOf(resolveFrom(gitDir, text.replace(/[\r\n]+$/, "")))) ?? gitDir;
}

function resolveFrom(base: BytePath, target: string): BytePath {
  return asBytePath(isAbsolute(target) ? target : resolve(base, target));
}

/** One byte a character. */
async function readText(path: BytePath, maxBytes = MAX_METADATA_BYTES): Promise<string | undefined> {
  const bytes = await readSmallFile(path, maxBytes);
  return Buffer.isBuffer(bytes) ? bytes.toString("latin1") : undefined;
}

function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
