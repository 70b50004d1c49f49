// Appends sealed events within the writer's transaction and keeps each partition's tail: epoch, version, tree edge, unsigned head.
// It opens no transaction: the group writer does, and calls `reset` whenever one was rolled back or somebody else has written.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { formatCommitment, logId, SALT_BYTES, signTreeHead, type TreeHead, verifyTreeHead } from "@kos/evidence";
import {
  formatHash,
  formatSignature,
  hmacSha256,
  isKosError,
  KosError,
  type MerkleFrontier,
  parseHash,
  parseSignature,
  randomBytes,
} from "@kos/klp";
import { checkEvent, checkPartition, mayAppend } from "./check-commit.ts";
import type { Claim, Commit, CommitOutcome, LogCut, NewEvent } from "./event-log.ts";
import type { LogSigner } from "./log-signer.ts";
import { sealEvent } from "./seal-event.ts";
import { cutLog } from "./sqlite-log-cut.ts";
import { endOfPartition, eventKey, positionOf, TILE_BITS, TILE_LEAVES, tileKey } from "./sqlite-log-schema.ts";
import { SqliteLogTree } from "./sqlite-log-tree.ts";
import { HEADER_COLUMNS, type Row, storedHeader } from "./stored-header.ts";
import { StreamCache, type StreamEnd } from "./stream-cache.ts";

/** About 4 MB in all. */
const CACHED_STREAMS = 16_384;
/** Events forgotten in one transaction, which commits wait for. */
export const FORGET_EVENTS = 256;

interface Tail {
  readonly partition: number;
  readonly logId: string;
  epoch: number;
  version: number;
  readonly frontier: MerkleFrontier;
  readonly streams: StreamCache;
  /** Leaves appended by the open transaction, and where the first of them stands. */
  leaves: Uint8Array[];
  groupStart: number;
  /** First position of the last group, when no head covers it yet. */
  unsigned: number | undefined;
  head: TreeHead | undefined;
}

export class SqliteLogWriter {
  readonly #database: DatabaseSync;
  readonly #signer: LogSigner;
  readonly #tree: SqliteLogTree;
  readonly #tails = new Map<number, Tail>();
  /** Heads that are signed and not yet stored, by the key of their group. */
  readonly #unstored = new Map<number, TreeHead>();
  readonly #statements: Readonly<
    Record<
      | "epoch"
      | "claim"
      | "stream"
      | "newStream"
      | "lastEvent"
      | "event"
      | "group"
      | "tile"
      | "head"
      | "lastHead"
      | "remembered"
      | "removeEvent",
      StatementSync
    >
  >;

  constructor(database: DatabaseSync, signer: LogSigner) {
    this.#database = database;
    this.#signer = signer;
    this.#tree = new SqliteLogTree(database);
    this.#statements = {
      epoch: database.prepare("SELECT epoch FROM log_partition WHERE partition = ?"),
      claim: database.prepare(
        "INSERT INTO log_partition (partition, epoch) VALUES (?, 1) ON CONFLICT (partition) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
      ),
      stream: database.prepare("SELECT stream FROM log_stream WHERE partition = ? AND plan_id = ?"),
      newStream: database.prepare("INSERT INTO log_stream (partition, plan_id) VALUES (?, ?)"),
      lastEvent: database.prepare(`SELECT plan_seq, ${HEADER_COLUMNS} FROM log_event WHERE stream = ? ORDER BY plan_seq DESC LIMIT 1`),
      event: database.prepare(
        `INSERT INTO log_event (id, stream, plan_seq, ${HEADER_COLUMNS}, payload, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      group: database.prepare("INSERT INTO log_group (id, leaves) VALUES (?, ?)"),
      tile: database.prepare("INSERT INTO log_tile (id, root) VALUES (?, ?)"),
      head: database.prepare("UPDATE log_group SET root = ?, signature = ? WHERE id = ?"),
      remembered: database.prepare(
        `SELECT id, stream, plan_seq, ${HEADER_COLUMNS} FROM log_event
         WHERE stream = (SELECT stream FROM log_stream WHERE partition = ? AND plan_id = ?) AND payload IS NOT NULL ORDER BY plan_seq LIMIT ?`,
      ),
      removeEvent: database.prepare("DELETE FROM log_event WHERE id = ?"),
      lastHead: database.prepare(
        "SELECT id, length(leaves) / 32 AS count, root, signature FROM log_group WHERE id >= ? AND id < ? AND signature IS NOT NULL ORDER BY id DESC LIMIT 1",
      ),
    };
  }

  /** Takes a partition over: checks what is stored of its end, then raises its epoch. @throws KosError INTERNAL where it is damaged. */
  claim(partition: number): Claim {
    checkPartition(partition);
    const before = this.#tails.get(partition);
    // What this transaction has appended already must be complete before it is read back.
    if (before !== undefined) this.#writeGroup(before);
    const tail = this.#load(partition);
    this.#checkEnd(tail);
    tail.epoch = this.#statements.claim.get(partition)?.["epoch"] as number;
    return { epoch: tail.epoch, version: tail.version };
  }

  /** Appends the events of a commit. @throws KosError before anything is written for what the caller got wrong; else what SQLite throws. */
  append(commit: Commit): CommitOutcome {
    const tail = this.#tail(commit.partition);
    if (!mayAppend(commit, tail)) return { outcome: "fenced", epoch: tail.epoch };
    const ends = this.#checkEvents(tail, commit.events);
    for (const [index, event] of commit.events.entries()) this.#appendEvent(tail, ends[index] as StreamEnd, event);
    return { outcome: "committed", version: tail.version };
  }

  /**
   * Deletes payload and salt of a stream's first events that have one; returns of how many. The rows are written anew: one that only shrank would
   * leave its page half empty for good.
   */
  forget(partition: number, planId: string): number {
    checkPartition(partition);
    const rows = this.#statements.remembered.all(partition, planId, FORGET_EVENTS);
    for (const { id } of rows) this.#statements.removeEvent.run(id as number);
    for (const row of rows) this.#statements.event.run(...Object.values(row), null, null);
    return rows.length;
  }

  /** Cuts the beginning of a partition off; the rest is read anew. */
  cut(partition: number): LogCut {
    checkPartition(partition);
    const before = this.#tails.get(partition);
    if (before !== undefined) this.#writeGroup(before);
    this.storeHeads();
    const outcome = cutLog(this.#database, this.#signer, partition);
    if (outcome.removed > 0 || before !== undefined) this.#load(partition);
    return outcome;
  }

  /** Writes what belongs to the transaction as a whole: leaf hashes of each partition, and heads signed since the last one. */
  finishTransaction(): void {
    for (const tail of this.#tails.values()) this.#writeGroup(tail);
    this.storeHeads();
  }

  storeHeads(): void {
    for (const [key, head] of this.#unstored) {
      this.#statements.head.run(parseHash(head.root), parseSignature(head.signature) ?? null, key);
    }
  }

  get hasUnstoredHeads(): boolean {
    return this.#unstored.size > 0;
  }

  /** The transaction is durable, and with it the heads it stored. */
  committed(): void {
    this.#unstored.clear();
  }

  /** Signs a head for every partition that has committed since its last one. Only ever after a commit: a head of what may be lost would lie. */
  sign(): void {
    for (const tail of this.#tails.values()) {
      if (tail.unsigned === undefined) continue;
      tail.head = signTreeHead(tail.logId, tail.version, tail.frontier.root(), this.#signer.sign);
      this.#unstored.set(eventKey(tail.partition, tail.unsigned), tail.head);
      tail.unsigned = undefined;
    }
  }

  /** The newest signed head. */
  head(partition: number): TreeHead | undefined {
    checkPartition(partition);
    return this.#tail(partition).head;
  }

  /** Forgets everything kept in memory; it is read again when needed. Heads not stored are signed again then. */
  reset(): void {
    this.#tails.clear();
    this.#unstored.clear();
  }

  #writeGroup(tail: Tail): void {
    if (tail.leaves.length === 0) return;
    this.#statements.group.run(eventKey(tail.partition, tail.groupStart), pack(tail.leaves));
    tail.unsigned = tail.groupStart;
    tail.leaves = [];
  }

  #appendEvent(tail: Tail, end: StreamEnd, event: NewEvent): void {
    const salt = randomBytes(SALT_BYTES);
    const position = tail.version;
    const commitment = hmacSha256(salt, event.payload);
    const { leaf } = sealEvent(event, tail.partition, end.lastLeaf, formatCommitment(commitment));
    end.stream ??= Number(this.#statements.newStream.run(tail.partition, event.plan_id).lastInsertRowid);
    this.#statements.event.run(
      eventKey(tail.partition, position),
      end.stream,
      event.plan_seq,
      event.type,
      event.tenant,
      event.at,
      end.lastLeaf ?? null,
      commitment,
      event.payload,
      salt,
    );
    if (tail.leaves.length === 0) tail.groupStart = position;
    tail.leaves.push(leaf);
    // Nodes of the tree are complete at a tile's last leaf only, so the others need no callback.
    const completesTile = (position + 1) % TILE_LEAVES === 0;
    tail.frontier.append(leaf, completesTile ? (level, index, hash) => this.#storeTile(tail, level, index, hash) : undefined);
    tail.version = position + 1;
    end.lastSeq = event.plan_seq;
    end.lastLeaf = leaf;
  }

  #storeTile(tail: Tail, level: number, index: number, root: Uint8Array): void {
    if (level === 0 || level % TILE_BITS !== 0) return;
    this.#statements.tile.run(tileKey(tail.partition, level / TILE_BITS, index), root);
  }

  /** Checks all events before the first is written; returns the end of each event's stream. */
  #checkEvents(tail: Tail, events: readonly NewEvent[]): StreamEnd[] {
    const [only] = events;
    if (events.length === 1 && only !== undefined) {
      const end = this.#streamEnd(tail, only.plan_id);
      checkEvent(only, end.lastSeq);
      return [end];
    }
    const lastSeqs = new Map<StreamEnd, number>();
    return events.map((event) => {
      const end = this.#streamEnd(tail, event.plan_id);
      checkEvent(event, lastSeqs.get(end) ?? end.lastSeq);
      lastSeqs.set(end, event.plan_seq);
      return end;
    });
  }

  #streamEnd(tail: Tail, planId: string): StreamEnd {
    const cached = tail.streams.get(planId);
    if (cached !== undefined) return cached;
    const end = this.#readStreamEnd(tail, planId);
    tail.streams.set(planId, end);
    return end;
  }

  #readStreamEnd(tail: Tail, planId: string): StreamEnd {
    const known = this.#statements.stream.get(tail.partition, planId);
    if (known === undefined) return { stream: undefined, lastSeq: 0, lastLeaf: undefined };
    const stream = known["stream"] as number;
    const last = this.#statements.lastEvent.get(stream);
    if (last === undefined) return { stream, lastSeq: 0, lastLeaf: undefined };
    return { stream, lastSeq: last["plan_seq"] as number, lastLeaf: storedHeader(last, tail.partition, planId).leaf };
  }

  #tail(partition: number): Tail {
    return this.#tails.get(partition) ?? this.#load(partition);
  }

  #load(partition: number): Tail {
    const version = this.#tree.size(partition);
    const tail: Tail = {
      partition,
      logId: logId(this.#signer.did, partition),
      epoch: (this.#statements.epoch.get(partition)?.["epoch"] as number | undefined) ?? 0,
      version,
      frontier: this.#tree.frontier(partition, version),
      streams: new StreamCache(CACHED_STREAMS),
      leaves: [],
      groupStart: version,
      unsigned: undefined,
      head: undefined,
    };
    const stored = this.#storedHead(tail);
    tail.head = stored?.head;
    if (version > (stored?.head.size ?? 0)) tail.unsigned = this.#lastGroup(tail);
    this.#tails.set(partition, tail);
    return tail;
  }

  #storedHead(tail: Tail): { readonly head: TreeHead } | undefined {
    const row = this.#statements.lastHead.get(eventKey(tail.partition, 0), endOfPartition(tail.partition));
    if (row === undefined) return undefined;
    const size = positionOf(row["id"] as number) + (row["count"] as number);
    const signature = formatSignature(row["signature"] as Uint8Array);
    return { head: { log_id: tail.logId, size, root: formatHash(row["root"] as Uint8Array), signature } };
  }

  #lastGroup(tail: Tail): number {
    const row = this.#database
      .prepare("SELECT max(id) AS id FROM log_group WHERE id >= ? AND id < ?")
      .get(eventKey(tail.partition, 0), endOfPartition(tail.partition));
    return positionOf(row?.["id"] as number);
  }

  /** The last signed head must fit the tree, and every event from its last tile on must be the one that was hashed. */
  #checkEnd(tail: Tail): void {
    const { partition, head } = tail;
    if (head !== undefined) {
      if (!verifyTreeHead(head, this.#signer.publicKey)) throw damaged(partition, head.size - 1, "the signed head does not verify");
      if (head.size > tail.version) throw damaged(partition, tail.version, `${head.size} events were signed and ${tail.version} are there`);
      if (formatHash(this.#tree.root(partition, head.size)) !== head.root)
        throw damaged(partition, head.size - 1, "the tree is not the one that was signed");
    }
    const from = Math.floor((head?.size ?? 0) / TILE_LEAVES) * TILE_LEAVES;
    const leaves = this.#tree.leaves(partition, from, tail.version);
    const events = this.#database.prepare(
      `SELECT id, plan_seq, ${HEADER_COLUMNS}, log_stream.plan_id FROM log_event LEFT JOIN log_stream USING (stream) WHERE id >= ? AND id < ? ORDER BY id`,
    );
    let position = from;
    for (const row of events.iterate(eventKey(partition, from), endOfPartition(partition))) {
      if (positionOf(row["id"] as number) !== position) throw damaged(partition, position, "an event is missing");
      const leaf = leaves[position - from];
      if (leaf === undefined || !isLeafOf(row, partition, leaf)) {
        throw damaged(partition, position, "the event is not the one that was hashed");
      }
      position++;
    }
  }
}

function isLeafOf(row: Row, partition: number, leaf: Uint8Array): boolean {
  try {
    return Buffer.compare(storedHeader(row, partition, row["plan_id"]).leaf, leaf) === 0;
  } catch (error) {
    if (isKosError(error, "BAD_REQUEST")) return false;
    throw error;
  }
}

function pack(leaves: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(leaves.length * 32);
  for (const [index, leaf] of leaves.entries()) packed.set(leaf, index * 32);
  return packed;
}

function damaged(partition: number, position: number, finding: string): KosError {
  return new KosError(
    "INTERNAL",
    `The log of partition ${partition} is damaged at position ${position}: ${finding}. Run \`kai audit verify\`.`,
    {
      details: { partition, position },
    },
  );
}
