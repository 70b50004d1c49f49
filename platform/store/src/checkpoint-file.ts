// Signed heads kept in a file outside the data folder, one a line: what shows that a log lost its tail or was told in two versions.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { type TreeHead, verifyTreeHead } from "@kos/evidence";
import { canonicalJson, KosError } from "@kos/klp";

/**
 * `kept`: written and synced. `known`: the newest line says the same. `shrunk`: the file has a larger signed head of this log, so events are gone.
 * `forked`: the file has another head of the same size; both are kept in `<file>.forks` as a proof that anybody can check.
 */
export type CheckpointOutcome =
  | { readonly outcome: "kept" | "known" }
  | { readonly outcome: "shrunk"; readonly newest: TreeHead }
  | { readonly outcome: "forked"; readonly other: TreeHead };

/** Beyond this, older lines are thinned out: the newest half stays whole, of the others every second goes that is not the newest of its log. */
const MAX_LINES = 4096;

/** Adds a head. @throws KosError UNAVAILABLE, STORAGE_FULL when the file cannot be written; BAD_REQUEST for a head the key did not sign. */
export function keepCheckpoint(path: string, head: TreeHead, publicKey: Uint8Array): CheckpointOutcome {
  if (!verifyTreeHead(head, publicKey))
    throw new KosError("BAD_REQUEST", "A checkpoint is a head that the node signed; this one does not verify.");
  const kept = readCheckpoints(path);
  // A signature costs as much as a thousand lines: only those that something is concluded from are verified.
  const mine = kept.filter((other) => other.log_id === head.log_id).sort((left, right) => right.size - left.size);
  const other = mine.find(({ size, root, signature }) => {
    return size === head.size && root !== head.root && verifyTreeHead({ log_id: head.log_id, size, root, signature }, publicKey);
  });
  if (other !== undefined) {
    keepFork(`${path}.forks`, other, head);
    return { outcome: "forked", other };
  }
  const newest = mine.find((candidate) => candidate.size >= head.size && verifyTreeHead(candidate, publicKey));
  if (newest !== undefined && newest.size > head.size) return { outcome: "shrunk", newest };
  if (newest?.size === head.size) return { outcome: "known" };
  if (kept.length >= MAX_LINES) replace(path, [...thinned(kept), head]);
  else append(path, [head]);
  return { outcome: "kept" };
}

/** Several nodes may keep their heads in one file: the newest of each log stays, however long ago it was written. */
function thinned(heads: readonly TreeHead[]): readonly TreeHead[] {
  const newest = new Map<string, TreeHead>();
  for (const head of heads) if (head.size >= (newest.get(head.log_id)?.size ?? 0)) newest.set(head.log_id, head);
  return heads.filter((head, index) => index >= MAX_LINES / 2 || index % 2 === 0 || newest.get(head.log_id) === head);
}

/** Once: a node that refuses to start is started again and again. */
function keepFork(path: string, ...heads: readonly [TreeHead, TreeHead]): void {
  const known = new Set(readCheckpoints(path).map(canonicalJson));
  const fresh = heads.filter((head) => !known.has(canonicalJson(head)));
  if (fresh.length > 0) append(path, fresh);
}

/** All heads in the file, oldest first; none when there is no file. A line cut off by a crash is left out. */
export function readCheckpoints(path: string): TreeHead[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      const head = parseLine(line);
      return head === undefined ? [] : [head];
    });
}

function parseLine(line: string): TreeHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { log_id, size, root, signature } = value as Record<string, unknown>;
  if (typeof log_id !== "string" || typeof size !== "number" || typeof root !== "string" || typeof signature !== "string") return undefined;
  return { log_id, size, root, signature };
}

function append(path: string, heads: readonly TreeHead[]): void {
  // A line that a crash cut off is closed first, so that it spoils no other.
  const open = existsSync(path) && !readFileSync(path, "utf8").endsWith("\n") && readFileSync(path).length > 0;
  writeSynced(path, "a", (open ? "\n" : "") + linesOf(heads));
}

function replace(path: string, heads: readonly TreeHead[]): void {
  writeSynced(`${path}.partial`, "w", linesOf(heads));
  renameSync(`${path}.partial`, path);
}

function linesOf(heads: readonly TreeHead[]): string {
  return heads.map((head) => `${canonicalJson(head)}\n`).join("");
}

function writeSynced(path: string, flags: "a" | "w", text: string): void {
  try {
    const file = openSync(path, flags, 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
    throw new KosError(
      isFull ? "STORAGE_FULL" : "UNAVAILABLE",
      `The checkpoint file ${path} cannot be written. Check the path in audit.checkpoint_path.`,
      { cause },
    );
  }
}
