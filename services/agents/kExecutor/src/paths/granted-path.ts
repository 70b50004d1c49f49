// Which paths a call may touch: only what lies, after every symlink is resolved, under a granted root [R92]. It opens nothing.

import { isAbsolute, resolve } from "node:path";
import { KosError } from "@kos/klp";
import { badParam, notFound } from "../task-error.ts";
import { type BytePath, bytePathOf, spellPath } from "./byte-path.ts";
import { realPathOf } from "./real-path.ts";

const MAX_PATH_BYTES = 4096;

export interface GrantedPath {
  /** Absolute, without symlinks. */
  readonly path: BytePath;
  /** The granted root it lies under, absolute, without symlinks. */
  readonly root: BytePath;
}

/** The granted roots that exist, as real paths. A root that is gone grants nothing. */
export function realRoots(fsRoots: readonly string[]): readonly BytePath[] {
  return fsRoots.flatMap((root) => {
    const real = isAbsolute(root) && !root.includes("\0") ? realPathOf(bytePathOf(root)) : undefined;
    return real === undefined ? [] : [real];
  });
}

/** Whether `path` is `root` or below it; both absolute and real. */
export function isUnder(path: BytePath, root: BytePath): boolean {
  return path === root || root === "/" || path.startsWith(`${root}/`);
}

/** The longest granted root that `path` lies under. */
export function rootOf(path: BytePath, roots: readonly BytePath[]): BytePath | undefined {
  return roots.filter((root) => isUnder(path, root)).sort((one, other) => other.length - one.length)[0];
}

/**
 * Resolves a path param. A relative one is resolved against the granted root if there is exactly one.
 * Errors: BAD_REQUEST for a text that is no path; FORBIDDEN for anything outside, whether it exists or not; NOT_FOUND inside. `at` is the param's JSON pointer.
 */
export function resolveGrantedPath(text: string, fsRoots: readonly string[], at: string): GrantedPath {
  const roots = realRoots(fsRoots);
  const absolute = absolutePath(text, roots, at);
  const real = realPathOf(absolute);
  if (real !== undefined) {
    const root = rootOf(real, roots);
    if (root !== undefined) return { path: real, root };
    throw forbidden(text, roots, at, real === absolute ? undefined : real);
  }
  const named = [...roots, ...fsRoots.map(bytePathOf)];
  if (rootOf(absolute, named) === undefined) throw forbidden(text, roots, at);
  throw notFound(at, `${quoted(text)} cannot be found.`, "Check the spelling; the path must exist when the task runs.");
}

function absolutePath(text: string, roots: readonly BytePath[], at: string): BytePath {
  const path = bytePathOf(text);
  if (text === "") throw badParam(at, "The path is empty.", "Give the folder or file to read.");
  if (text.includes("\0")) throw badParam(at, "The path holds a NUL character.", "Remove it; no file can have that name.");
  if (path.length > MAX_PATH_BYTES) throw badParam(at, `The path is longer than ${MAX_PATH_BYTES} bytes.`, "Give a shorter one.");
  if (isAbsolute(text)) return bytePathOf(resolve(text));
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw badParam(at, `${quoted(text)} is a relative path and there is no single folder to resolve it against.`, "Give an absolute path.");
  }
  return bytePathOf(resolve(spellPath(root).path, text));
}

function forbidden(text: string, roots: readonly BytePath[], at: string, target?: BytePath): KosError {
  const granted = roots.map((root) => spellPath(root).path);
  const place = target === undefined ? quoted(text) : `${quoted(text)} leads to ${quoted(spellPath(target).path)}, which`;
  const list = granted.length === 0 ? "no folder is granted" : `granted: ${granted.map(quoted).join(", ")}`;
  const hint = "Name that folder on the command line (--path), or have the owner add it to fs.roots in the configuration.";
  return new KosError("FORBIDDEN", `${place} is outside the folders this plan may read (${list}). ${hint}`, {
    details: { at, path: text, granted, hint },
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
