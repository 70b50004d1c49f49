// Reads the log on a connection of its own and checks everything it hands out. Damage is remembered, and its stream is served no more.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { formatSalt, logId, payloadCommitment, SALT_BYTES, type TreeHead } from "@kos/evidence";
import { formatHash, formatSignature, isKosError, KosError } from "@kos/klp";
import { checkPartition } from "./check-commit.ts";
import type { Damage, StoredEvent, StreamQuery, TreePlace } from "./event-log.ts";
import { endOfPartition, eventKey, partitionOf, positionOf } from "./sqlite-log-schema.ts";
import { SqliteLogTree } from "./sqlite-log-tree.ts";
import { HEADER_COLUMNS, type Row, type StoredHeader, storedHeader } from "./stored-header.ts";

export class SqliteLogReader {
  readonly #nodeDid: string;
  readonly #tree: SqliteLogTree;
  readonly #onDamage: (damage: Damage) => void;
  readonly #statements: Readonly<
    Record<"stream" | "partition" | "head" | "damage" | "damagedStream" | "planOf" | "cut" | "eventBefore", StatementSync>
  >;

  constructor(database: DatabaseSync, nodeDid: string, onDamage: (damage: Damage) => void) {
    this.#nodeDid = nodeDid;
    this.#onDamage = onDamage;
    this.#tree = new SqliteLogTree(database);
    this.#statements = {
      stream: database.prepare(
        `SELECT id, plan_seq, ${HEADER_COLUMNS}, payload, salt FROM log_event
         WHERE stream = (SELECT stream FROM log_stream WHERE partition = ? AND plan_id = ?) AND plan_seq >= ? ORDER BY plan_seq LIMIT ?`,
      ),
      partition: database.prepare(
        `SELECT id, plan_seq, ${HEADER_COLUMNS}, payload, salt, log_stream.plan_id FROM log_event LEFT JOIN log_stream USING (stream)
         WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
      ),
      head: database.prepare(
        "SELECT id, length(leaves) / 32 AS count, root, signature FROM log_group WHERE id >= ? AND id < ? AND signature IS NOT NULL ORDER BY id DESC LIMIT 1",
      ),
      damage: database.prepare("SELECT id, plan_id, reason FROM log_damage ORDER BY rowid"),
      planOf: database.prepare("SELECT plan_id FROM log_stream WHERE stream = (SELECT stream FROM log_event WHERE id = ?)"),
      cut: database.prepare("SELECT size FROM log_cut WHERE partition = ?"),
      eventBefore: database.prepare(
        "SELECT 1 FROM log_event WHERE stream = (SELECT stream FROM log_event WHERE id = ?) AND plan_seq < ? LIMIT 1",
      ),
      damagedStream: database.prepare("SELECT id, reason FROM log_damage WHERE plan_id = ? AND id >= ? AND id < ?"),
    };
  }

  /** @throws KosError INTERNAL at the first damaged event. */
  stream(query: StreamQuery): readonly StoredEvent[] {
    const { partition, plan_id: planId } = query;
    checkPartition(partition);
    const known = this.#statements.damagedStream.get(planId, eventKey(partition, 0), endOfPartition(partition));
    if (known !== undefined) {
      throw damageError({ partition, position: positionOf(known["id"] as number), plan_id: planId, reason: known["reason"] as string });
    }
    const rows = this.#statements.stream.all(partition, planId, query.from_seq ?? 1, query.limit ?? -1);
    const events: StoredEvent[] = [];
    const firstSeq = this.#firstSeq(partition, rows[0]) ?? query.from_seq ?? 1;
    let last: CheckedEvent | undefined;
    for (const row of rows) {
      const next = this.#check(partition, planId, row);
      const seq = firstSeq + events.length;
      if (next.event.plan_seq !== seq) this.#report(partition, row, `event ${seq} of the stream is missing`);
      // Each header is held by the one after it, the last one by the tree.
      if (last !== undefined && next.prev !== formatHash(last.leaf)) {
        // Which of the two was changed, the tree knows.
        this.#checkLeaf(partition, rows[events.length - 1] as Row, last);
        this.#report(partition, row, "it does not follow the stream's event before it");
      }
      events.push(next.event);
      last = next;
    }
    const lastRow = rows.at(-1);
    if (last !== undefined && lastRow !== undefined) this.#checkLeaf(partition, lastRow, last);
    return events;
  }

  /** @throws KosError INTERNAL at the first damaged event. */
  partition(query: { readonly partition: number; readonly from: number; readonly limit: number }): readonly StoredEvent[] {
    const { partition, limit } = query;
    checkPartition(partition);
    const from = Math.max(query.from, this.#cutSize(partition));
    const rows = this.#statements.partition.all(eventKey(partition, from), endOfPartition(partition), limit);
    const leaves = this.#leaves(partition, from, rows.length);
    return rows.map((row, index) => {
      const checked = this.#check(partition, row["plan_id"], row);
      if (checked.event.position !== from + index) this.#report(partition, row, `position ${from + index} before it is missing`);
      this.#compareLeaf(partition, row, checked, leaves[index]);
      return checked.event;
    });
  }

  #cutSize(partition: number): number {
    return (this.#statements.cut.get(partition)?.["size"] as number | undefined) ?? 0;
  }

  /** A stream whose beginning has been cut off begins where it does; nothing of it has a payload any more. */
  #firstSeq(partition: number, row: Row | undefined): number | undefined {
    if (row === undefined || row["payload"] !== null || this.#cutSize(partition) === 0) return undefined;
    const seq = row["plan_seq"] as number;
    const before = this.#statements.eventBefore.get(row["id"] as number, seq);
    return before === undefined ? seq : undefined;
  }

  /** The newest head that is stored. */
  head(partition: number): TreeHead | undefined {
    checkPartition(partition);
    const row = this.#statements.head.get(eventKey(partition, 0), endOfPartition(partition));
    if (row === undefined) return undefined;
    return {
      log_id: logId(this.#nodeDid, partition),
      size: positionOf(row["id"] as number) + (row["count"] as number),
      root: formatHash(row["root"] as Uint8Array),
      signature: formatSignature(row["signature"] as Uint8Array),
    };
  }

  nodes(partition: number, places: readonly TreePlace[]): readonly Uint8Array[] {
    checkPartition(partition);
    return this.#tree.nodes(partition, places);
  }

  damage(): readonly Damage[] {
    return this.#statements.damage.all().map((row) => {
      const id = row["id"] as number;
      return {
        partition: partitionOf(id),
        position: positionOf(id),
        plan_id: row["plan_id"] as string,
        reason: row["reason"] as string,
      };
    });
  }

  /** The event of a row, once its header is in form and its payload fits it. */
  #check(partition: number, planId: unknown, row: Row): CheckedEvent {
    let stored: StoredHeader;
    try {
      stored = storedHeader(row, partition, planId);
    } catch (error) {
      if (!isKosError(error)) throw error;
      return this.#report(partition, row, error.message);
    }
    const { header, text, leaf } = stored;
    const payload = row["payload"] as string | null;
    const salt = row["salt"] as Uint8Array | null;
    if ((payload === null) !== (salt === null)) this.#report(partition, row, "payload and salt are not both there");
    if (
      payload !== null &&
      salt !== null &&
      (salt.length !== SALT_BYTES || payloadCommitment(salt, payload) !== header.payload_commitment)
    ) {
      this.#report(partition, row, "the payload is not the one the header commits to");
    }
    const event = {
      partition,
      position: positionOf(row["id"] as number),
      plan_id: header.plan_id,
      plan_seq: header.plan_seq,
      type: header.type,
      at: header.at,
      header: text,
      payload,
      salt: salt === null ? null : formatSalt(salt),
    };
    return { event, prev: header.prev, leaf };
  }

  #checkLeaf(partition: number, row: Row, checked: CheckedEvent): void {
    this.#compareLeaf(partition, row, checked, this.#leaves(partition, checked.event.position, 1)[0]);
  }

  #compareLeaf(partition: number, row: Row, checked: CheckedEvent, leaf: Uint8Array | undefined): void {
    if (leaf === undefined || Buffer.compare(leaf, checked.leaf) !== 0)
      this.#report(partition, row, "the header is not the one that was hashed");
  }

  /** Leaf hashes as stored; fewer where some are missing, which the check of each event then reports. */
  #leaves(partition: number, from: number, count: number): readonly Uint8Array[] {
    try {
      return this.#tree.leaves(partition, from, from + count);
    } catch (error) {
      if (isKosError(error, "INTERNAL")) return [];
      throw error;
    }
  }

  #report(partition: number, row: Row, reason: string): never {
    const position = positionOf(row["id"] as number);
    const plan = this.#statements.planOf.get(row["id"] as number);
    const damage = { partition, position, plan_id: (plan?.["plan_id"] as string | undefined) ?? "", reason };
    this.#onDamage(damage);
    throw damageError(damage);
  }
}

interface CheckedEvent {
  readonly event: StoredEvent;
  readonly prev: string | null;
  readonly leaf: Uint8Array;
}

function damageError(damage: Damage): KosError {
  const { partition, position, plan_id: planId, reason } = damage;
  return new KosError(
    "INTERNAL",
    `The log of partition ${partition} is damaged at position ${position}: ${reason}. Run \`kai audit verify\`.`,
    {
      details: { partition, position, plan_id: planId },
    },
  );
}
