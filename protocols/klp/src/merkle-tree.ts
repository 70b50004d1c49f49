/** A whole RFC 6962 tree in memory, level by level, for batches and tests. Growing logs use a frontier and their store instead. */

import { emptyRoot, parentLevel } from "./merkle.ts";

/** Gives the hash of a perfect subtree: `level` 0 are the leaves; `index` counts from the left within the level. */
export type NodeAt = (level: number, index: number) => Uint8Array;

export class MerkleTree {
  readonly #levels: (readonly Uint8Array[])[];

  constructor(leafHashes: readonly Uint8Array[]) {
    this.#levels = [leafHashes];
    for (let level = leafHashes; level.length > 1; ) {
      level = parentLevel(level);
      this.#levels.push(level);
    }
  }

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  root(): Uint8Array {
    return this.#levels.at(-1)?.[0] ?? emptyRoot();
  }

  /** @throws RangeError for a node that is not in the tree. */
  readonly nodeAt: NodeAt = (level, index) => {
    const node = this.#levels[level]?.[index];
    if (node === undefined) throw new RangeError(`The tree has no node ${index} at level ${level}.`);
    return node;
  };
}
