// The checkpoint of a partition: how far its log has been cut, and how the cut is made. It runs within the writer's transaction.

import type { DatabaseSync } from "node:sqlite";
import { logId, signLogCut, type TreeHead } from "@kos/evidence";
import { formatHash, formatSignature, parseHash, parseSignature } from "@kos/klp";
import type { LogSigner } from "./log-signer.ts";
import { endOfPartition, eventKey, positionOf, TILE_LEAVES, tileKey } from "./sqlite-log-schema.ts";
import { SqliteLogTree } from "./sqlite-log-tree.ts";

/** Events that one cut removes at most: it shares a transaction with commits, which it must not hold up. */
const MAX_CUT_EVENTS = 32 * TILE_LEAVES;
const HASH_BYTES = 32;

/** The checkpoint of a partition; undefined while nothing was cut. */
export function readCut(database: DatabaseSync, nodeDid: string, partition: number): TreeHead | undefined {
  const row = database.prepare("SELECT size, root, signature FROM log_cut WHERE partition = ?").get(partition);
  if (row === undefined) return undefined;
  return {
    log_id: logId(nodeDid, partition),
    size: row["size"] as number,
    root: formatHash(row["root"] as Uint8Array),
    signature: formatSignature(row["signature"] as Uint8Array),
  };
}

/**
 * Removes events, their leaf hashes and their heads from the beginning of the log up to the first event that still has its payload, in whole tiles,
 * and never the last group. Roots of tiles stay: proofs of later events stand on them.
 */
export function cutLog(database: DatabaseSync, signer: LogSigner, partition: number): { readonly size: number; readonly removed: number } {
  const from = readCut(database, signer.did, partition)?.size ?? 0;
  const size = cutSize(database, partition, from);
  if (size <= from) return { size: from, removed: 0 };
  const root = new SqliteLogTree(database).root(partition, size);
  const cut = signLogCut(logId(signer.did, partition), size, root, signer.sign);
  database
    .prepare("INSERT OR REPLACE INTO log_cut (partition, size, root, signature) VALUES (?, ?, ?, ?)")
    .run(partition, size, parseHash(cut.root), parseSignature(cut.signature) ?? null);
  removeEvents(database, eventKey(partition, from), eventKey(partition, size));
  trimGroups(database, partition, size);
  // Tiles of the lowest level below a complete tile of the next are in no proof any more.
  const spare = Math.floor(size / TILE_LEAVES ** 2) * TILE_LEAVES;
  database.prepare("DELETE FROM log_tile WHERE id >= ? AND id < ?").run(tileKey(partition, 1, 0), tileKey(partition, 1, spare));
  return { size, removed: size - from };
}

function cutSize(database: DatabaseSync, partition: number, from: number): number {
  const bounds = [eventKey(partition, from), Math.min(eventKey(partition, from + MAX_CUT_EVENTS), endOfPartition(partition))] as const;
  const kept = database
    .prepare("SELECT id FROM log_event WHERE id >= ? AND id < ? AND payload IS NOT NULL ORDER BY id LIMIT 1")
    .get(...bounds)?.["id"];
  const lastGroup = database
    .prepare("SELECT max(id) AS id FROM log_group WHERE id >= ? AND id < ?")
    .get(eventKey(partition, 0), endOfPartition(partition))?.["id"];
  if (typeof lastGroup !== "number") return from;
  const limit = Math.min(typeof kept === "number" ? kept : bounds[1], lastGroup);
  return Math.floor(positionOf(limit) / TILE_LEAVES) * TILE_LEAVES;
}

function removeEvents(database: DatabaseSync, from: number, to: number): void {
  const streams = database.prepare("SELECT DISTINCT stream FROM log_event WHERE id >= ? AND id < ?").all(from, to);
  database.prepare("DELETE FROM log_event WHERE id >= ? AND id < ?").run(from, to);
  const dropEmpty = database.prepare("DELETE FROM log_stream WHERE stream = ?1 AND NOT EXISTS (SELECT 1 FROM log_event WHERE stream = ?1)");
  for (const { stream } of streams) dropEmpty.run(stream as number);
}

/** The group across the border keeps its later leaves and its head, which stands at its end. */
function trimGroups(database: DatabaseSync, partition: number, size: number): void {
  const border = eventKey(partition, size);
  const across = database
    .prepare("SELECT id, leaves, root, signature FROM log_group WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1")
    .get(eventKey(partition, 0), border);
  database.prepare("DELETE FROM log_group WHERE id >= ? AND id < ?").run(eventKey(partition, 0), border);
  if (across === undefined) return;
  const leaves = across["leaves"] as Uint8Array;
  const gone = (border - (across["id"] as number)) * HASH_BYTES;
  if (gone >= leaves.length) return;
  database
    .prepare("INSERT INTO log_group (id, leaves, root, signature) VALUES (?, ?, ?, ?)")
    .run(border, leaves.subarray(gone), across["root"] as Uint8Array | null, across["signature"] as Uint8Array | null);
}
