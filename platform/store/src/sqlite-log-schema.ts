// The log's own tables in SQLite, and how places in the log become integer keys. Packed: one row an event, one a group of commits.

import type { Migration } from "./tables.ts";

/** Leaves a tile covers: 256, as in C2SP tlog-tiles. */
export const TILE_BITS = 8;
export const TILE_LEAVES = 2 ** TILE_BITS;

const POSITIONS = 2 ** 40;
const TILE_INDEXES = 2 ** 32;

export const LOG_MIGRATIONS: readonly Migration[] = [
  {
    owner: "store",
    version: 1,
    statements: [
      // The node that founded the log; part of every log id.
      "CREATE TABLE log_origin (id INTEGER PRIMARY KEY CHECK (id = 1), node_did TEXT NOT NULL) STRICT",
      "CREATE TABLE log_partition (partition INTEGER PRIMARY KEY, epoch INTEGER NOT NULL) STRICT",
      "CREATE TABLE log_stream (stream INTEGER PRIMARY KEY, partition INTEGER NOT NULL, plan_id TEXT NOT NULL, UNIQUE (partition, plan_id)) STRICT",
      // id: see eventKey.
      "CREATE TABLE log_event (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, plan_seq INTEGER NOT NULL, header TEXT NOT NULL, payload TEXT, salt BLOB) STRICT",
      "CREATE UNIQUE INDEX log_event_stream ON log_event (stream, plan_seq)",
      // One row a transaction and partition: the leaf hashes it appended and, once signed, the head at its end. id: key of its first event.
      "CREATE TABLE log_group (id INTEGER PRIMARY KEY, leaves BLOB NOT NULL, root BLOB, signature BLOB) STRICT",
      // Roots of complete subtrees of 256^level leaves, so that neither a proof nor a restart reads the whole log. id: see tileKey.
      "CREATE TABLE log_tile (id INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT",
      "CREATE TABLE log_damage (id INTEGER PRIMARY KEY, plan_id TEXT NOT NULL, reason TEXT NOT NULL) STRICT",
    ],
  },
  {
    owner: "store",
    version: 2,
    statements: [
      // The signed checkpoint behind which a partition has been cut: events before position `size` are gone.
      "CREATE TABLE log_cut (partition INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL) STRICT",
    ],
  },
  {
    owner: "store",
    version: 3,
    statements: [
      // Headers as columns, see stored-header.ts: a third of their bytes. One that is damaged stays so: what is made of it has another hash.
      "CREATE TABLE log_event_3 (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, plan_seq INTEGER NOT NULL, type TEXT NOT NULL, tenant TEXT NOT NULL, at TEXT NOT NULL, prev BLOB, commitment BLOB NOT NULL, payload TEXT, salt BLOB) STRICT",
      `INSERT INTO log_event_3 (id, stream, plan_seq, type, tenant, at, prev, commitment, payload, salt)
       SELECT id, stream, plan_seq, ifnull(header ->> 'type', ''), ifnull(header ->> 'tenant', ''), ifnull(header ->> 'at', ''),
         unhex(substr(header ->> 'prev', 8)), ifnull(unhex(substr(header ->> 'payload_commitment', 13)), x''), payload, salt
       FROM (SELECT id, stream, plan_seq, iif(json_valid(header), header, '{}') AS header, payload, salt FROM log_event) ORDER BY id`,
      "DROP TABLE log_event",
      "ALTER TABLE log_event_3 RENAME TO log_event",
      "CREATE UNIQUE INDEX log_event_stream ON log_event (stream, plan_seq)",
    ],
  },
];

/** Tables that only the store itself writes. */
export function isStoreTable(table: string): boolean {
  return /^(?:log_|store_|sqlite_)/i.test(table);
}

/** Key of the event at a position: 12 bits of partition, 40 of position. */
export function eventKey(partition: number, position: number): number {
  return partition * POSITIONS + position;
}

export function positionOf(key: number): number {
  return key % POSITIONS;
}

export function partitionOf(key: number): number {
  return Math.floor(key / POSITIONS);
}

/** The first key that belongs to the next partition. */
export function endOfPartition(partition: number): number {
  return (partition + 1) * POSITIONS;
}

/** Key of the tile root that covers `[index * 256^level, (index + 1) * 256^level)`; level from 1 to 5. */
export function tileKey(partition: number, level: number, index: number): number {
  return partition * POSITIONS + level * TILE_INDEXES + index;
}
