/** A proof that a set of leaves is in an RFC 6962 tree, with every hash in it at most once: for the events of one run among many. */

import { nodeHash } from "./merkle.ts";
import { sameBytes, subtreeRoot } from "./merkle-proof.ts";
import { splitOf } from "./merkle-shape.ts";
import type { NodeAt } from "./merkle-tree.ts";

/**
 * Roots of the largest subtrees that hold none of the leaves, from left to right. With the leaves' own hashes they give the root.
 * @throws RangeError when there is no index, or one that is not in a tree of `size` leaves.
 */
export function makeMultiProof(indexes: Iterable<number>, size: number, nodeAt: NodeAt): Uint8Array[] {
  const sorted = sortIndexes(indexes, size);
  if (sorted === undefined) throw new RangeError(`A proof needs at least one leaf, each within a tree of ${size} leaves.`);
  const nodes: Uint8Array[] = [];
  collect(0, size, 0, sorted.length);
  return nodes;

  function collect(low: number, high: number, from: number, to: number): void {
    if (from === to) {
      nodes.push(subtreeRoot(low, high, nodeAt));
    } else if (high - low > 1) {
      const middle = low + splitOf(high - low);
      const split = firstAtLeast(sorted as readonly number[], middle, from, to);
      collect(low, middle, from, split);
      collect(middle, high, split, to);
    }
  }
}

/**
 * Whether exactly these leaf hashes, by their index, are in the tree of `size` leaves with that root. Never throws on bad input.
 * Size and root have to come from one signed tree head: alone, a proof can fit several sizes, as in RFC 6962.
 */
export function verifyMultiProof(
  leaves: ReadonlyMap<number, Uint8Array>,
  size: number,
  nodes: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const sorted = sortIndexes(leaves.keys(), size);
  if (sorted === undefined || ![...leaves.values(), ...nodes].every((hash) => hash.length === 32)) return false;
  let used = 0;
  const computed = rebuild(0, size, 0, sorted.length);
  return computed !== undefined && used === nodes.length && sameBytes(computed, root);

  function rebuild(low: number, high: number, from: number, to: number): Uint8Array | undefined {
    if (from === to) return nodes[used++];
    if (high - low === 1) return leaves.get(low);
    const middle = low + splitOf(high - low);
    const split = firstAtLeast(sorted as readonly number[], middle, from, to);
    const left = rebuild(low, middle, from, split);
    const right = left && rebuild(middle, high, split, to);
    return left && right && nodeHash(left, right);
  }
}

/** The indexes in rising order, without repetition, or undefined when there is none or one does not fit the tree. */
function sortIndexes(indexes: Iterable<number>, size: number): readonly number[] | undefined {
  const sorted = [...new Set(indexes)].sort((left, right) => left - right);
  const fits = sorted.every((index) => Number.isSafeInteger(index) && index >= 0 && index < size);
  return Number.isSafeInteger(size) && sorted.length > 0 && fits ? sorted : undefined;
}

/** The first place in [from, to) whose index is not below `bound`. */
function firstAtLeast(sorted: readonly number[], bound: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
