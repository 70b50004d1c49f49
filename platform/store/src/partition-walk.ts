// One pass over a partition for the audit: every event against its payload, its stream, the leaf hashes of its group, the tree, the signed heads and
// the checkpoints. It stops at the first thing that does not fit.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type EventHeader, payloadCommitment, SALT_BYTES, type TreeHead, verifyLogCut, verifyTreeHead } from "@kos/evidence";
import { formatHash, formatSignature, isKosError, MerkleFrontier } from "@kos/klp";
import type { AuditFinding } from "./audit-finding.ts";
import { readCut } from "./sqlite-log-cut.ts";
import { endOfPartition, eventKey, positionOf, TILE_BITS, TILE_LEAVES, tileKey } from "./sqlite-log-schema.ts";
import { SqliteLogTree } from "./sqlite-log-tree.ts";
import { HEADER_COLUMNS, type Row, type StoredHeader, storedHeader } from "./stored-header.ts";

export interface WalkOptions {
  readonly database: DatabaseSync;
  readonly partition: number;
  readonly logId: string;
  readonly nodeDid: string;
  readonly publicKey: Uint8Array;
  readonly checkpoints: readonly TreeHead[];
}

/** A signature is three hundred times a hash, and a later head covers what an earlier one did: within so many events one is enough. */
const EVENTS_BETWEEN_SIGNATURES = 4096;
/** The last transaction's head is stored by the next one; one more can be lost with a transaction that was undone. */
const MAX_UNSIGNED_GROUPS = 2;
const HASH_BYTES = 32;

interface Group {
  readonly first: number;
  readonly leaves: Uint8Array;
  readonly root: Uint8Array | null;
  readonly signature: Uint8Array | null;
}

export class PartitionWalk {
  /** Events that fitted. */
  events = 0;
  signedSize = 0;
  payloadsRemoved = 0;
  readonly #options: WalkOptions;
  readonly #tile: StatementSync;
  #frontier = new MerkleFrontier();
  /** Events before it were removed behind a signed checkpoint. */
  cutSize = 0;
  readonly #streams = new Map<number, { planId: string; seq: number; leaf: Uint8Array }>();
  readonly #checkpoints: TreeHead[];
  #groups: Iterator<Row> | undefined;
  #group: Group | undefined;
  #lastSigned: { readonly head: TreeHead; readonly first: number } | undefined;
  #unsignedGroups = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#tile = options.database.prepare("SELECT root FROM log_tile WHERE id = ?");
    this.#checkpoints = [...options.checkpoints].sort((left, right) => left.size - right.size);
  }

  /** The first thing that is wrong, or undefined. @throws what SQLite throws where it cannot read the file. */
  run(): AuditFinding | undefined {
    const { database, partition } = this.#options;
    const wrongCut = this.#beginAtCut();
    if (wrongCut !== undefined) return wrongCut;
    const range = [eventKey(partition, 0), endOfPartition(partition)] as const;
    this.#groups = database
      .prepare("SELECT id, leaves, root, signature FROM log_group WHERE id >= ? AND id < ? ORDER BY id")
      .iterate(...range);
    this.#nextGroup();
    const events = database.prepare(
      `SELECT id, stream, plan_seq, ${HEADER_COLUMNS}, payload, salt, log_stream.plan_id, log_stream.partition
       FROM log_event LEFT JOIN log_stream USING (stream) WHERE id >= ? AND id < ? ORDER BY id`,
    );
    for (const row of events.iterate(...range)) {
      const reason = this.#checkEvent(row) ?? this.#afterEvent();
      if (reason !== undefined) return reason;
    }
    return this.#checkEnd();
  }

  /** The checkpoint must be one that the node signed, for the tree that the tiles before it make. */
  #beginAtCut(): AuditFinding | undefined {
    const { database, partition, nodeDid, publicKey } = this.#options;
    const cut = readCut(database, nodeDid, partition);
    if (cut === undefined) return undefined;
    const wrong = (reason: string): AuditFinding => ({ partition, position: cut.size, plan_id: undefined, reason });
    if (!verifyLogCut(cut, publicKey)) return wrong("the node did not sign the checkpoint behind which events were removed");
    if (cut.size % TILE_LEAVES !== 0) return wrong("the checkpoint does not stand at the end of a tile");
    const frontier = new SqliteLogTree(database).frontier(partition, cut.size);
    if (formatHash(frontier.root()) !== cut.root) return wrong("the hashes kept of removed events are not those of the checkpoint");
    this.#frontier = frontier;
    this.events = cut.size;
    this.signedSize = cut.size;
    this.cutSize = cut.size;
    return undefined;
  }

  #checkEvent(row: Row): AuditFinding | undefined {
    const { partition } = this.#options;
    const position = this.events;
    const planId = typeof row["plan_id"] === "string" ? row["plan_id"] : undefined;
    const wrong = (reason: string): AuditFinding => ({ partition, position, plan_id: planId, reason });
    if (positionOf(row["id"] as number) !== position) return wrong("the event was deleted");
    if (row["partition"] !== partition) return wrong("the event is filed under a stream that is not of its partition");
    let stored: StoredHeader;
    try {
      stored = storedHeader(row, partition, planId);
    } catch (error) {
      if (!isKosError(error)) throw error;
      return wrong(error.message);
    }
    const { header, leaf } = stored;
    const expected = this.#expectedLeaf(position);
    if (expected === undefined) return wrong("the event was inserted: no transaction of the log holds its hash");
    if (Buffer.compare(leaf, expected) !== 0) return wrong("the header is not the one that was hashed when it was written");
    const stream = this.#streams.get(row["stream"] as number);
    // A stream that begins before the checkpoint has been removed as a whole: the tree alone holds what is left of it.
    const isRest = this.cutSize > 0 && stream === undefined && row["payload"] === null;
    if (!isRest && header.plan_seq !== (stream?.seq ?? 0) + 1)
      return wrong(`plan_seq ${(stream?.seq ?? 0) + 1} of the stream should stand here, not ${header.plan_seq}`);
    if (!isRest && header.prev !== (stream === undefined ? null : formatHash(stream.leaf)))
      return wrong("it does not follow the stream's event before it");
    this.#streams.set(row["stream"] as number, { planId: header.plan_id, seq: header.plan_seq, leaf });
    const payloadReason = this.#checkPayload(row, header);
    if (payloadReason !== undefined) return wrong(payloadReason);
    return this.#grow(leaf, wrong);
  }

  #checkPayload(row: Row, header: EventHeader): string | undefined {
    const payload = row["payload"] as string | null;
    const salt = row["salt"] as Uint8Array | null;
    if (payload === null && salt === null) {
      this.payloadsRemoved++;
      return undefined;
    }
    if (payload === null || salt === null) return "payload and salt are not both there";
    if (salt.length !== SALT_BYTES || payloadCommitment(salt, payload) !== header.payload_commitment)
      return "the payload is not the one the header commits to";
    return undefined;
  }

  #grow(leaf: Uint8Array, wrong: (reason: string) => AuditFinding): AuditFinding | undefined {
    let finding: AuditFinding | undefined;
    this.#frontier.append(leaf, (level, index, hash) => {
      if (level === 0 || level % TILE_BITS !== 0) return;
      const stored = this.#tile.get(tileKey(this.#options.partition, level / TILE_BITS, index))?.["root"];
      if (!(stored instanceof Uint8Array) || Buffer.compare(stored, hash) !== 0)
        finding = wrong(`the stored hash of the ${2 ** level} events that end here is wrong or missing`);
    });
    this.events++;
    return finding;
  }

  /** Heads and checkpoints of exactly this size. */
  #afterEvent(): AuditFinding | undefined {
    return this.#endGroup() ?? this.#compareCheckpoints();
  }

  #endGroup(): AuditFinding | undefined {
    const group = this.#group;
    if (group === undefined || this.events < group.first + group.leaves.length / HASH_BYTES) return undefined;
    const { partition, logId, publicKey } = this.#options;
    const wrong = (reason: string): AuditFinding => ({ partition, position: group.first, plan_id: undefined, reason });
    this.#nextGroup();
    if (group.root === null || group.signature === null) {
      this.#unsignedGroups++;
      return undefined;
    }
    this.#unsignedGroups = 0;
    const root = this.#frontier.root();
    if (Buffer.compare(group.root, root) !== 0)
      return wrong(`the head stored for the first ${this.events} events is not that of their tree`);
    if (group.signature.length !== 64) return wrong("the signature of the head is not one");
    const head = { log_id: logId, size: this.events, root: formatHash(root), signature: formatSignature(group.signature) };
    this.#lastSigned = { head, first: group.first };
    if (this.events - this.signedSize < EVENTS_BETWEEN_SIGNATURES) return undefined;
    return this.#verifyLastHead(publicKey);
  }

  #verifyLastHead(publicKey: Uint8Array): AuditFinding | undefined {
    const last = this.#lastSigned;
    if (last === undefined || last.head.size === this.signedSize) return undefined;
    if (!verifyTreeHead(last.head, publicKey)) {
      const reason = `the node did not sign the head of ${last.head.size} events; what came after event ${this.signedSize} may be forged`;
      return { partition: this.#options.partition, position: last.first, plan_id: undefined, reason };
    }
    this.signedSize = last.head.size;
    return undefined;
  }

  #compareCheckpoints(): AuditFinding | undefined {
    while (this.#checkpoints[0] !== undefined && this.#checkpoints[0].size <= this.events) {
      const checkpoint = this.#checkpoints.shift() as TreeHead;
      if (checkpoint.size < this.events || !verifyTreeHead(checkpoint, this.#options.publicKey)) continue;
      if (checkpoint.root === formatHash(this.#frontier.root())) continue;
      const reason = `a checkpoint outside the data folder was signed for other first ${checkpoint.size} events`;
      return { partition: this.#options.partition, position: 0, plan_id: undefined, reason };
    }
    return undefined;
  }

  #checkEnd(): AuditFinding | undefined {
    const { partition, publicKey } = this.#options;
    const at = (position: number, reason: string): AuditFinding => ({ partition, position, plan_id: undefined, reason });
    if (this.#group !== undefined) return at(this.events, "events that were written after this were deleted");
    const unsigned = this.#verifyLastHead(publicKey);
    if (unsigned !== undefined) return unsigned;
    if (this.#unsignedGroups > MAX_UNSIGNED_GROUPS) return at(this.signedSize, "the signed heads of everything after this were removed");
    const cut = this.#checkpoints.find((checkpoint) => verifyTreeHead(checkpoint, publicKey));
    if (cut === undefined) return undefined;
    return at(this.events, `the tail was cut off: a checkpoint outside the data folder covers ${cut.size} events`);
  }

  #expectedLeaf(position: number): Uint8Array | undefined {
    const group = this.#group;
    if (group === undefined) return undefined;
    const offset = (position - group.first) * HASH_BYTES;
    return offset < 0 || offset + HASH_BYTES > group.leaves.length ? undefined : group.leaves.subarray(offset, offset + HASH_BYTES);
  }

  #nextGroup(): void {
    const next = this.#groups?.next();
    if (next === undefined || next.done === true) {
      this.#group = undefined;
      return;
    }
    const row = next.value;
    this.#group = {
      first: positionOf(row["id"] as number),
      leaves: row["leaves"] as Uint8Array,
      root: row["root"] as Uint8Array | null,
      signature: row["signature"] as Uint8Array | null,
    };
  }
}
