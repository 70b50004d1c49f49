/** RFC 6962 Merkle tree hashing: leaves, nodes and roots. It owns no proof and no storage. */

import { sha256 } from "#crypto";

/** Root of the empty tree: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256("");
}

/** SHA-256(0x00 || data), 32 bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(data.length + 1);
  input.set(data, 1);
  return sha256(input);
}

/** SHA-256(0x01 || left || right), 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}

/** Root over leaf hashes (not over leaf data: hash with `leafHash` first). */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  if (leafHashes.length === 0) return emptyRoot();
  let level = leafHashes;
  while (level.length > 1) level = parentLevel(level);
  return level[0] as Uint8Array;
}

/** The next level up: pairs are hashed, a last one without a partner rises as it is. */
export function parentLevel(level: readonly Uint8Array[]): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index] as Uint8Array;
    const right = level[index + 1];
    parents.push(right === undefined ? left : nodeHash(left, right));
  }
  return parents;
}

/** Hashing is synchronous and copies its input, so one buffer serves every node. */
const nodeInput = new Uint8Array(65);
nodeInput[0] = 1;
