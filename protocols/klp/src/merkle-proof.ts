/**
 * RFC 6962 inclusion and consistency proofs, for whole trees and for subtrees [start, end) as transparency-dev/merkle defines them.
 * Making a proof needs only `nodeAt`, checking one needs nothing. A checker returns false for whatever does not fit and never throws.
 */

import { emptyRoot, nodeHash } from "./merkle.ts";
import { isSubtree, levelOf, splitOf } from "./merkle-shape.ts";
import type { NodeAt } from "./merkle-tree.ts";

/** Root of the subtree [start, end), from perfect subtrees only. */
export function subtreeRoot(start: number, end: number, nodeAt: NodeAt): Uint8Array {
  const width = end - start;
  if (width === 0) return emptyRoot();
  const level = levelOf(width);
  if (2 ** level === width) return nodeAt(level, start / width);
  const middle = start + splitOf(width);
  return nodeHash(subtreeRoot(start, middle, nodeAt), subtreeRoot(middle, end, nodeAt));
}

/** Path from leaf `index` to the root of a tree of `size` leaves, lowest first. @throws RangeError when the leaf is not in the tree. */
export function makeInclusionProof(index: number, size: number, nodeAt: NodeAt): Uint8Array[] {
  return makeSubtreeInclusionProof(index, 0, size, nodeAt);
}

/** Path from leaf `index` to the root of the subtree [start, end). @throws RangeError when that is no subtree or the leaf is not in it. */
export function makeSubtreeInclusionProof(index: number, start: number, end: number, nodeAt: NodeAt): Uint8Array[] {
  if (!isSubtree(start, end) || !Number.isSafeInteger(index) || index < start || index >= end) {
    throw new RangeError(`There is no leaf ${index} in a subtree [${start}, ${end}).`);
  }
  const path: Uint8Array[] = [];
  let low = start;
  let high = end;
  while (high - low > 1) {
    const middle = low + splitOf(high - low);
    if (index < middle) {
      path.push(subtreeRoot(middle, high, nodeAt));
      high = middle;
    } else {
      path.push(subtreeRoot(low, middle, nodeAt));
      low = middle;
    }
  }
  return path.reverse();
}

/** Whether `leaf` is the hash of leaf number `index` in the tree of `size` leaves with that root. */
export function verifyInclusion(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array): boolean {
  return verifySubtreeInclusion(leaf, index, 0, size, path, root);
}

/** Whether `leaf` is the hash of leaf number `index`, counted in the whole tree, in the subtree [start, end) with that root. */
export function verifySubtreeInclusion(
  leaf: Uint8Array,
  index: number,
  start: number,
  end: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSubtree(start, end)) return false;
  const computed = rootFromPath(leaf, index - start, end - start, path);
  return computed !== undefined && sameBytes(computed, root);
}

/** The root that a path leads to, or undefined when leaf, index, size and path do not fit together (RFC 9162 section 2.1.3.2). */
export function rootFromPath(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Uint8Array | undefined {
  if (!isHash(leaf) || !Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0 || !isHash(sibling)) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node > 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

/**
 * Proof that the tree of `size` leaves begins with the tree of `earlier` leaves.
 * @throws RangeError unless 1 <= earlier <= size, or both are 0: nothing can be proved of an empty tree.
 */
export function makeConsistencyProof(earlier: number, size: number, nodeAt: NodeAt): Uint8Array[] {
  if (earlier === 0 && size !== 0) throw new RangeError("There is no consistency proof from an empty tree.");
  return makeSubtreeConsistencyProof(0, earlier, size, nodeAt);
}

/** Proof that the subtree [start, end) stands in the tree of `size` leaves. @throws RangeError when it is no subtree of that tree. */
export function makeSubtreeConsistencyProof(start: number, end: number, size: number, nodeAt: NodeAt): Uint8Array[] {
  if (!isSubtree(start, end) || !Number.isSafeInteger(size) || end > size) {
    throw new RangeError(`[${start}, ${end}) is not a subtree of a tree of ${size} leaves.`);
  }
  if (start === end) return [];
  const proof: Uint8Array[] = [];
  let wanted = start;
  let low = 0;
  let high = size;
  while (wanted !== low || end !== high) {
    const middle = low + splitOf(high - low);
    if (end <= middle) {
      proof.push(subtreeRoot(middle, high, nodeAt));
      high = middle;
    } else {
      proof.push(subtreeRoot(low, middle, nodeAt));
      low = middle;
      wanted = Math.max(wanted, middle);
    }
  }
  // The node at the bottom is needed too, unless it is the whole subtree, whose root the checker has.
  if (wanted !== start) proof.push(subtreeRoot(low, high, nodeAt));
  return proof.reverse();
}

/** Whether the tree of `size` leaves with root `root` begins with the tree of `earlier` leaves with root `earlierRoot`. */
export function verifyConsistency(
  earlier: number,
  size: number,
  earlierRoot: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (earlier === 0 && (size !== 0 || !sameBytes(root, emptyRoot()))) return false;
  return verifySubtreeConsistency(0, earlier, size, earlierRoot, root, proof);
}

/** Whether the subtree [start, end) with root `subRoot` stands in the tree of `size` leaves with root `root`. An empty one stands in every tree. */
export function verifySubtreeConsistency(
  start: number,
  end: number,
  size: number,
  subRoot: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSubtree(start, end) || !Number.isSafeInteger(size) || end > size) return false;
  if (start === end) return proof.length === 0 && sameBytes(subRoot, emptyRoot());
  if (proof.length === 0) return start === 0 && end === size && sameBytes(subRoot, root);
  if (!isHash(subRoot) || !proof.every(isHash)) return false;
  let used = 0;
  const next = () => proof[used++];
  const both = rebuild(0, size, start);
  return both !== undefined && used === proof.length && sameBytes(both.sub, subRoot) && sameBytes(both.whole, root);

  /** Roots of the part of the subtree within [low, high) and of all of it, taking the proof's hashes from the bottom up. */
  function rebuild(low: number, high: number, wanted: number): { readonly sub: Uint8Array; readonly whole: Uint8Array } | undefined {
    if (wanted === low && end === high) {
      const node = wanted === start ? subRoot : next();
      return node && { sub: node, whole: node };
    }
    const middle = low + splitOf(high - low);
    const left = end <= middle;
    const inner = left ? rebuild(low, middle, wanted) : rebuild(middle, high, Math.max(wanted, middle));
    const sibling = next();
    if (inner === undefined || sibling === undefined) return undefined;
    if (left) return { sub: inner.sub, whole: nodeHash(inner.whole, sibling) };
    return { sub: wanted < middle ? nodeHash(sibling, inner.sub) : inner.sub, whole: nodeHash(sibling, inner.whole) };
  }
}

/** Whether two hashes are equal. They are public, so the time it takes does not matter. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === 32;
}
