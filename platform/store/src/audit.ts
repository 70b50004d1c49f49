// Walks a whole log and names the first place where it is not what was written. It trusts the node's public key and nothing in the file.

import type { DatabaseSync } from "node:sqlite";
import { logId, type TreeHead } from "@kos/evidence";
import { encodeDidKey, isKosError } from "@kos/klp";
import type { AuditFinding } from "./audit-finding.ts";
import { MAX_PARTITIONS } from "./check-commit.ts";
import { PartitionWalk } from "./partition-walk.ts";
import { openReadConnection } from "./sqlite-connection.ts";
import { translateSqliteError } from "./sqlite-error.ts";
import { endOfPartition, partitionOf } from "./sqlite-log-schema.ts";

export interface AuditOptions {
  /** The database file; the node may be running. */
  readonly path: string;
  /** Of the node whose log it is. */
  readonly publicKey: Uint8Array;
  /** Heads kept outside the data folder, see checkpoint-file.ts: only they can show that a tail was cut off. */
  readonly checkpoints?: readonly TreeHead[];
  /** Default: every partition that is in the file or in a checkpoint. */
  readonly partitions?: readonly number[];
}

interface PartitionAudit {
  readonly partition: number;
  /** Events that were checked, up to the first wrong one. */
  readonly events: number;
  /** Events under a head with a valid signature. The last commits may still wait for theirs. */
  readonly signedSize: number;
  /** Events before this position were removed behind a signed checkpoint. */
  readonly cutSize: number;
  readonly payloadsRemoved: number;
  /** Checkpoints that were compared. */
  readonly checkpoints: number;
  readonly finding: AuditFinding | undefined;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly partitions: readonly PartitionAudit[];
}

/** Reads everything once, in one view of the file. @throws KosError UNAVAILABLE, INTERNAL where the file cannot be opened at all. */
export function auditStore(options: AuditOptions): AuditReport {
  const database = openReadConnection(options.path);
  try {
    // One view for all: what the node appends meanwhile is not half seen.
    database.exec("BEGIN");
    const nodeDid = encodeDidKey(options.publicKey);
    const checkpoints = options.checkpoints ?? [];
    const partitions = options.partitions ?? partitionsIn(database, nodeDid, checkpoints);
    const audits = partitions.map((partition) => auditPartition(database, partition, nodeDid, options.publicKey, checkpoints));
    return { ok: audits.every((audit) => audit.finding === undefined), partitions: audits };
  } catch (error) {
    throw translateSqliteError(error, "auditing the log");
  } finally {
    database.close();
  }
}

function auditPartition(
  database: DatabaseSync,
  partition: number,
  nodeDid: string,
  publicKey: Uint8Array,
  checkpoints: readonly TreeHead[],
): PartitionAudit {
  const id = logId(nodeDid, partition);
  const mine = checkpoints.filter((head) => head.log_id === id);
  const walk = new PartitionWalk({ database, partition, logId: id, nodeDid, publicKey, checkpoints: mine });
  let finding: AuditFinding | undefined;
  try {
    finding = walk.run();
  } catch (error) {
    // A page that SQLite itself cannot read: nothing after it can be told.
    const reason = isKosError(error) ? error : translateSqliteError(error, "reading the log");
    finding = { partition, position: walk.events, plan_id: undefined, reason: reason.message };
  }
  return {
    partition,
    events: walk.events,
    signedSize: walk.signedSize,
    cutSize: walk.cutSize,
    payloadsRemoved: walk.payloadsRemoved,
    checkpoints: mine.length,
    finding,
  };
}

function partitionsIn(database: DatabaseSync, nodeDid: string, checkpoints: readonly TreeHead[]): number[] {
  const found = new Set<number>();
  for (const row of database.prepare("SELECT partition FROM log_partition").all()) found.add(row["partition"] as number);
  // By seeking from one partition's first key to the next, for the tables are long.
  for (const next of [
    database.prepare("SELECT min(id) AS id FROM log_event WHERE id >= ?"),
    database.prepare("SELECT min(id) AS id FROM log_group WHERE id >= ?"),
  ]) {
    for (let id = next.get(0)?.["id"]; typeof id === "number"; id = next.get(endOfPartition(partitionOf(id)))?.["id"])
      found.add(partitionOf(id));
  }
  // A partition that was deleted altogether is missed by its checkpoints only.
  const wanted = new Set(checkpoints.map((head) => head.log_id));
  for (let partition = 0; wanted.size > 0 && partition < MAX_PARTITIONS; partition++) {
    if (wanted.has(logId(nodeDid, partition))) found.add(partition);
  }
  return [...found].sort((left, right) => left - right);
}
