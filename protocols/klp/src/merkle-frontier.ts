/** The right edge of a growing RFC 6962 tree: enough to append and to know the root, in memory of log2(size) hashes. It makes no proofs. */

import { KosError } from "./errors.ts";
import { formatHash, type HashText, parseHash } from "./hash-text.ts";
import { emptyRoot, nodeHash } from "./merkle.ts";

/** A frontier at rest: hashes of the perfect subtrees, largest first, one for each bit set in `size`. */
export interface MerkleFrontierState {
  readonly size: number;
  readonly nodes: readonly HashText[];
}

export class MerkleFrontier {
  #size = 0;
  /** Perfect subtrees from the left, largest first. */
  readonly #nodes: Uint8Array[] = [];

  /** Takes up where `serialise` left off. @throws KosError BAD_REQUEST when the hashes do not fit the size. */
  static restore(state: MerkleFrontierState): MerkleFrontier {
    if (!Number.isSafeInteger(state.size) || state.size < 0)
      throw new KosError("BAD_REQUEST", "A tree size is a whole number, zero or more.");
    const frontier = new MerkleFrontier();
    frontier.#size = state.size;
    frontier.#nodes.push(...state.nodes.map(parseHash));
    if (frontier.#nodes.length !== countOnes(state.size)) {
      throw new KosError(
        "BAD_REQUEST",
        `A tree of ${state.size} leaves has ${countOnes(state.size)} frontier hashes, not ${state.nodes.length}.`,
      );
    }
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Appends one leaf hash. `store`, when given, receives every node that is complete from now on, the leaf first (level 0), at its
   * place `index` in the level; a node once complete never changes.
   */
  append(leaf: Uint8Array, store?: (level: number, index: number, hash: Uint8Array) => void): void {
    let node = leaf;
    let level = 0;
    let index = this.#size;
    store?.(0, index, node);
    while (index % 2 === 1) {
      node = nodeHash(this.#nodes.pop() as Uint8Array, node);
      level++;
      index = (index - 1) / 2;
      store?.(level, index, node);
    }
    this.#nodes.push(node);
    this.#size++;
  }

  root(): Uint8Array {
    let index = this.#nodes.length - 1;
    if (index < 0) return emptyRoot();
    let root = this.#nodes[index] as Uint8Array;
    while (--index >= 0) root = nodeHash(this.#nodes[index] as Uint8Array, root);
    return root;
  }

  /** An independent copy, for trying appends that may be thrown away. */
  clone(): MerkleFrontier {
    const copy = new MerkleFrontier();
    copy.#size = this.#size;
    copy.#nodes.push(...this.#nodes);
    return copy;
  }

  serialise(): MerkleFrontierState {
    return { size: this.#size, nodes: this.#nodes.map(formatHash) };
  }
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
