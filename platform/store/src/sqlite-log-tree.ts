// Reads nodes and roots of a partition's tree from SQLite: O(log n) rows for any of them. It trusts what is stored; audit.ts does not.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { formatHash, KosError, MerkleFrontier, merkleRoot, nodeHash } from "@kos/klp";
import type { TreePlace } from "./event-log.ts";
import { endOfPartition, eventKey, positionOf, TILE_BITS, TILE_LEAVES, tileKey } from "./sqlite-log-schema.ts";

const HASH_BYTES = 32;

export class SqliteLogTree {
  readonly #tiles: StatementSync;
  readonly #groups: StatementSync;
  readonly #lastEvent: StatementSync;

  constructor(database: DatabaseSync) {
    this.#tiles = database.prepare("SELECT id, root FROM log_tile WHERE id >= ? AND id < ? ORDER BY id");
    // From the group that holds the first position on: it may begin before it.
    this.#groups = database.prepare(
      "SELECT id, leaves FROM log_group WHERE id >= ifnull((SELECT max(id) FROM log_group WHERE id <= ?1 AND id >= ?3), ?3) AND id < ?2 ORDER BY id",
    );
    this.#lastEvent = database.prepare("SELECT max(id) AS id FROM log_event WHERE id >= ? AND id < ?");
  }

  /** Events in the partition. */
  size(partition: number): number {
    const row = this.#lastEvent.get(eventKey(partition, 0), endOfPartition(partition));
    return typeof row?.["id"] === "number" ? positionOf(row["id"]) + 1 : 0;
  }

  /** Leaf hashes of `[from, to)`. @throws KosError INTERNAL where one is missing. */
  leaves(partition: number, from: number, to: number): Uint8Array[] {
    const leaves: Uint8Array[] = [];
    if (from >= to) return leaves;
    for (const row of this.#groups.all(eventKey(partition, from), eventKey(partition, to), eventKey(partition, 0))) {
      const first = positionOf(row["id"] as number);
      const packed = row["leaves"] as Uint8Array;
      for (let offset = 0; offset < packed.length; offset += HASH_BYTES) {
        const position = first + offset / HASH_BYTES;
        if (position < from || position >= to) continue;
        if (position !== from + leaves.length) throw missing(partition, from + leaves.length);
        leaves.push(packed.subarray(offset, offset + HASH_BYTES));
      }
    }
    if (leaves.length !== to - from) throw missing(partition, from + leaves.length);
    return leaves;
  }

  /** One complete node. @throws KosError INTERNAL where what it is made of is missing. */
  node(partition: number, place: TreePlace): Uint8Array {
    const tileLevel = Math.floor(place.level / TILE_BITS);
    const width = 2 ** (place.level - tileLevel * TILE_BITS);
    const first = place.index * width;
    if (tileLevel === 0) return merkleRoot(this.leaves(partition, first, first + width));
    const rows = this.#tiles.all(tileKey(partition, tileLevel, first), tileKey(partition, tileLevel, first + width));
    if (rows.length !== width) throw missing(partition, (first + rows.length) * TILE_LEAVES ** tileLevel);
    return merkleRoot(rows.map((row) => row["root"] as Uint8Array));
  }

  /** Many nodes at once: the leaves of each tile are read and hashed once. */
  nodes(partition: number, places: readonly TreePlace[]): Uint8Array[] {
    const size = this.size(partition);
    const tiles = new Map<number, Tile>();
    return places.map((place) => {
      if ((place.index + 1) * 2 ** place.level > size) {
        throw new KosError("NOT_FOUND", `The tree of partition ${partition} has no complete node ${place.index} on level ${place.level}.`);
      }
      if (place.level >= TILE_BITS) return this.node(partition, place);
      const tile = Math.floor((place.index * 2 ** place.level) / TILE_LEAVES);
      let levels = tiles.get(tile);
      if (levels === undefined) {
        levels = hashTile(this.leaves(partition, tile * TILE_LEAVES, Math.min(size, (tile + 1) * TILE_LEAVES)));
        tiles.set(tile, levels);
      }
      return levels[place.level]?.[place.index - (tile * TILE_LEAVES) / 2 ** place.level] as Uint8Array;
    });
  }

  root(partition: number, size: number): Uint8Array {
    return this.#edge(partition, size).reduceRight((right, left) => nodeHash(left, right));
  }

  frontier(partition: number, size: number): MerkleFrontier {
    return MerkleFrontier.restore({ size, nodes: this.#edge(partition, size).map(formatHash) });
  }

  /** The perfect subtrees of a tree of that size, largest first. */
  #edge(partition: number, size: number): Uint8Array[] {
    const nodes: Uint8Array[] = [];
    let start = 0;
    for (let level = Math.floor(Math.log2(Math.max(size, 1))) + 1; level >= 0; level--) {
      const width = 2 ** level;
      if (size - start < width) continue;
      nodes.push(this.node(partition, { level, index: start / width }));
      start += width;
    }
    return nodes;
  }
}

/** The complete nodes above a run of leaves, by level. */
type Tile = readonly (readonly Uint8Array[])[];

function hashTile(leaves: readonly Uint8Array[]): Tile {
  const levels = [leaves];
  for (let below = leaves; below.length > 1; ) {
    const level: Uint8Array[] = [];
    for (let index = 0; index + 1 < below.length; index += 2)
      level.push(nodeHash(below[index] as Uint8Array, below[index + 1] as Uint8Array));
    levels.push(level);
    below = level;
  }
  return levels;
}

function missing(partition: number, position: number): KosError {
  return new KosError("INTERNAL", `The log of partition ${partition} is damaged: the leaf hash at position ${position} is missing.`, {
    details: { partition, position },
  });
}
