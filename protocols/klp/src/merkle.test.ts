import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyRoot, leafHash, merkleRoot, nodeHash } from "./merkle.ts";
import { MerkleFrontier, type MerkleFrontierState } from "./merkle-frontier.ts";
import { makeMultiProof, verifyMultiProof } from "./merkle-multi-proof.ts";
import {
  makeConsistencyProof,
  makeInclusionProof,
  makeSubtreeConsistencyProof,
  makeSubtreeInclusionProof,
  subtreeRoot,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from "./merkle-proof.ts";
import { isSubtree, levelOf, splitOf } from "./merkle-shape.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { listVectors, missingVectors, readJsonVector } from "./vectors.fixture.ts";

interface MerkleVector {
  readonly leafIdx: number;
  readonly leafHash: string;
  readonly root: string;
  readonly treeSize: number;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const missing = missingVectors("merkle");
const skipped = missing ? ` (skipped: ${missing})` : "";

describe("[R64] vectors of transparency-dev/merkle", () => {
  const kinds: Readonly<
    Record<string, { readonly files: number; readonly check: (vector: MerkleVector, proof: readonly Uint8Array[]) => boolean }>
  > = {
    inclusion: {
      files: 98,
      check: (v, proof) => verifyInclusion(fromBase64(v.leafHash), v.leafIdx, v.treeSize, proof, fromBase64(v.root)),
    },
    consistency: { files: 98, check: (v, proof) => verifyConsistency(v.size1, v.size2, fromBase64(v.root1), fromBase64(v.root2), proof) },
    subtreeinclusion: {
      files: 204,
      check: (v, proof) => verifySubtreeInclusion(fromBase64(v.leafHash), v.leafIdx, v.start, v.end, proof, fromBase64(v.root)),
    },
    subtreeconsistency: {
      files: 118,
      check: (v, proof) => verifySubtreeConsistency(v.start, v.end, v.size, fromBase64(v.root1), fromBase64(v.root2), proof),
    },
  };

  test.skipIf(missing).each(Object.entries(kinds))(`[R64] every %s file is decided as wantErr says${skipped}`, (kind, { files, check }) => {
    const names = listVectors(`merkle/${kind}`);
    const wrong = names.filter((name) => {
      const vector = readJsonVector<MerkleVector>(name);
      return check(vector, (vector.proof ?? []).map(fromBase64)) === vector.wantErr;
    });
    expect(names).toHaveLength(files);
    expect(wrong).toEqual([]);
  });
});

describe("[K36] hashing", () => {
  test("leaves and nodes carry the prefixes of RFC 6962", () => {
    expect(toHex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(toHex(leafHash(new Uint8Array()))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const [left, right] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
    expect(toHex(nodeHash(left, right))).not.toBe(toHex(nodeHash(right, left)));
  });

  test("the reference tree of certificate-transparency has its known root", () => {
    const data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    expect(toHex(merkleRoot(data.map((hex) => leafHash(fromHex(hex)))))).toBe(
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    );
  });
});

describe("shape", () => {
  test("levels and splits are exact around every power of two up to 2^53", () => {
    for (let power = 1; power <= 52; power++) {
      const two = 2 ** power;
      expect([levelOf(two), levelOf(two + 1), splitOf(two), splitOf(two + 1)]).toEqual([power, power + 1, two / 2, two]);
    }
    expect([levelOf(0), levelOf(1), splitOf(2), splitOf(3)]).toEqual([0, 0, 1, 2]);
  });

  test("a subtree begins at a multiple of the power of two that covers it", () => {
    expect([isSubtree(0, 5), isSubtree(4, 6), isSubtree(6, 8), isSubtree(3, 3), isSubtree(8, 13)]).toEqual([true, true, true, true, true]);
    expect([isSubtree(1, 3), isSubtree(4, 9), isSubtree(2, 1), isSubtree(-1, 0), isSubtree(0, 0.5), isSubtree(0, 2 ** 53)]).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

const MAX_SIZE = 130;
const allLeaves = Array.from({ length: MAX_SIZE }, (_, index) => leafHash(Uint8Array.of(index, 7)));
const trees = Array.from({ length: MAX_SIZE + 1 }, (_, size) => new MerkleTree(allLeaves.slice(0, size)));
const treeOf = (size: number) => trees[size] as MerkleTree;
const leafOf = (index: number) => allLeaves[index] as Uint8Array;

describe("[K38] frontier", () => {
  test("its root is the root of the whole tree at every size, also after a rest", () => {
    let frontier = new MerkleFrontier();
    for (let size = 0; size <= MAX_SIZE; size++) {
      expect(frontier.root()).toEqual(treeOf(size).root());
      frontier = MerkleFrontier.restore(JSON.parse(JSON.stringify(frontier.serialise())) as MerkleFrontierState);
      expect(frontier.size).toBe(size);
      if (size < MAX_SIZE) frontier.append(leafOf(size));
    }
  });

  test("it hands out every complete node once, at its place", () => {
    const stored = new Map<string, Uint8Array>();
    const frontier = new MerkleFrontier();
    for (const leaf of allLeaves.slice(0, 100)) {
      frontier.append(leaf, (level, index, hash) => {
        expect(stored.has(`${level}/${index}`)).toBe(false);
        stored.set(`${level}/${index}`, hash);
      });
    }
    for (let level = 0; level < 7; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= 100; index++)
        expect(stored.get(`${level}/${index}`)).toEqual(treeOf(100).nodeAt(level, index));
    }
    expect(stored.size).toBe(100 + 50 + 25 + 12 + 6 + 3 + 1);
  });

  test("a copy goes its own way", () => {
    const frontier = new MerkleFrontier();
    frontier.append(leafOf(0));
    const copy = frontier.clone();
    copy.append(leafOf(1));
    expect([frontier.size, copy.size]).toEqual([1, 2]);
    expect(frontier.root()).toEqual(leafOf(0));
  });

  test.each([
    ["too few hashes", { size: 3, nodes: [`sha256:${"0".repeat(64)}`] }],
    ["too many hashes", { size: 0, nodes: [`sha256:${"0".repeat(64)}`] }],
    ["a size below zero", { size: -1, nodes: [] }],
    ["a size that is no whole number", { size: 0.5, nodes: [] }],
    ["a hash in another form", { size: 1, nodes: ["0".repeat(64)] }],
  ])("a state with %s is refused", (_, state) => {
    expect(() => MerkleFrontier.restore(state as unknown as MerkleFrontierState)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });
});

describe("[K37] inclusion", () => {
  test("every leaf of every tree up to 130 has a proof, which fits no other place", () => {
    for (let size = 1; size <= MAX_SIZE; size += size < 20 ? 1 : 7) {
      const tree = treeOf(size);
      for (let index = 0; index < size; index++) {
        const path = makeInclusionProof(index, size, tree.nodeAt);
        expect(verifyInclusion(leafOf(index), index, size, path, tree.root())).toBe(true);
        expect(verifyInclusion(leafOf(index), (index + 1) % size, size, path, tree.root()) && size > 1).toBe(false);
        expect(verifyInclusion(leafOf((index + 1) % MAX_SIZE), index, size, path, tree.root())).toBe(false);
      }
    }
  });

  test("a proof with anything changed, added or left out is refused", () => {
    const arbitrary = fc
      .integer({ min: 2, max: MAX_SIZE })
      .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1), at: fc.nat(), byte: fc.nat(31) }));
    fc.assert(
      fc.property(arbitrary, ({ size, index, at, byte }) => {
        const path = makeInclusionProof(index, size, treeOf(size).nodeAt);
        const root = treeOf(size).root();
        const place = at % path.length;
        const changed = path.map((hash, step) =>
          step === place ? hash.map((value, position) => (position === byte ? value ^ 1 : value)) : hash,
        );
        for (const other of [changed, path.slice(1), path.slice(0, -1), [...path, root], path.map((hash) => hash.slice(0, 31))]) {
          expect(verifyInclusion(leafOf(index), index, size, other, root)).toBe(false);
        }
      }),
    );
  });

  test("indexes and sizes that are no whole numbers within reach are refused", () => {
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 1],
      [0, Number.NaN],
      [0, Number.POSITIVE_INFINITY],
      [0, 2 ** 53],
    ] as const) {
      expect(verifyInclusion(leafOf(0), index, size, [], leafOf(0))).toBe(false);
    }
    expect(() => makeInclusionProof(3, 3, treeOf(3).nodeAt)).toThrow(RangeError);
  });

  test("leaves of a subtree have a proof to its root", () => {
    for (const [start, end] of [
      [8, 13],
      [64, 128],
      [96, 120],
      [16, 17],
    ] as const) {
      const { nodeAt } = treeOf(MAX_SIZE);
      const root = subtreeRoot(start, end, nodeAt);
      expect(root).toEqual(merkleRoot(allLeaves.slice(start, end)));
      for (let index = start; index < end; index++) {
        const path = makeSubtreeInclusionProof(index, start, end, nodeAt);
        expect(verifySubtreeInclusion(leafOf(index), index, start, end, path, root)).toBe(true);
      }
      expect(() => makeSubtreeInclusionProof(end, start, end, nodeAt)).toThrow(RangeError);
    }
  });
});

describe("[K37] consistency", () => {
  test("every earlier tree is proved to begin every later one, and nothing else is", () => {
    for (let size = 1; size <= 40; size++) {
      for (let earlier = 1; earlier <= size; earlier++) {
        const proof = makeConsistencyProof(earlier, size, treeOf(size).nodeAt);
        const [before, after] = [treeOf(earlier).root(), treeOf(size).root()];
        expect(verifyConsistency(earlier, size, before, after, proof)).toBe(true);
        expect(verifyConsistency(earlier, size, treeOf(earlier + 1).root(), after, proof)).toBe(false);
        expect(verifyConsistency(earlier, size, before, treeOf(size + 1).root(), proof)).toBe(false);
        expect(verifyConsistency(earlier, size, before, after, [...proof, before])).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(earlier, size, before, after, proof.slice(1))).toBe(false);
      }
    }
  });

  test("every subtree is proved to stand in every tree that holds it", () => {
    for (let size = 1; size <= 34; size++) {
      for (let end = 1; end <= size; end++) {
        for (let start = 0; start < end; start++) {
          if (!isSubtree(start, end)) continue;
          const proof = makeSubtreeConsistencyProof(start, end, size, treeOf(size).nodeAt);
          const sub = merkleRoot(allLeaves.slice(start, end));
          expect(verifySubtreeConsistency(start, end, size, sub, treeOf(size).root(), proof)).toBe(true);
          expect(verifySubtreeConsistency(start, end, size, leafOf(99), treeOf(size).root(), proof)).toBe(false);
        }
      }
    }
  });

  test("nothing is proved of an empty tree but that it is empty", () => {
    expect(verifyConsistency(0, 0, emptyRoot(), emptyRoot(), [])).toBe(true);
    expect(verifyConsistency(0, 3, emptyRoot(), treeOf(3).root(), [])).toBe(false);
    expect(makeConsistencyProof(0, 0, treeOf(0).nodeAt)).toEqual([]);
    expect(() => makeConsistencyProof(0, 3, treeOf(3).nodeAt)).toThrow(RangeError);
    expect(() => makeConsistencyProof(4, 3, treeOf(3).nodeAt)).toThrow(RangeError);
  });
});

describe("[K39] proof of a set of leaves", () => {
  const sets = fc
    .integer({ min: 1, max: MAX_SIZE })
    .chain((size) => fc.record({ size: fc.constant(size), indexes: fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: size }) }));

  test("it is accepted, holds no hash twice, and is never longer than the single proofs together", () => {
    fc.assert(
      fc.property(sets, ({ size, indexes }) => {
        const { nodeAt } = treeOf(size);
        const nodes = makeMultiProof(indexes, size, nodeAt);
        const leaves = new Map(indexes.map((index) => [index, leafOf(index)]));
        expect(verifyMultiProof(leaves, size, nodes, treeOf(size).root())).toBe(true);
        expect(new Set(nodes.map(toHex)).size).toBe(nodes.length);
        const single = new Set(indexes.flatMap((index) => makeInclusionProof(index, size, nodeAt).map(toHex)));
        expect(nodes.every((node) => single.has(toHex(node)))).toBe(true);
      }),
    );
  });

  test("of one leaf it has the hashes of the inclusion proof, of all leaves none", () => {
    for (const size of [1, 2, 7, 64, 130]) {
      const { nodeAt } = treeOf(size);
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        expect(makeMultiProof([index], size, nodeAt).map(toHex).sort()).toEqual(makeInclusionProof(index, size, nodeAt).map(toHex).sort());
      }
      expect(
        makeMultiProof(
          Array.from({ length: size }, (_, index) => index),
          size,
          nodeAt,
        ),
      ).toEqual([]);
    }
  });

  test("with a leaf changed, moved, added or left out, or a node changed, added, left out or swapped, it is refused", () => {
    fc.assert(
      fc.property(sets, fc.nat(), ({ size, indexes }, pick) => {
        const root = treeOf(size).root();
        const nodes = makeMultiProof(indexes, size, treeOf(size).nodeAt);
        const entries = indexes.map((index) => [index, leafOf(index)] as const);
        const [chosen] = entries[pick % entries.length] as readonly [number, Uint8Array];
        const accepts = (leaves: Iterable<readonly [number, Uint8Array]>, proof: readonly Uint8Array[]) =>
          verifyMultiProof(new Map(leaves), size, proof, root);
        const stranger = leafHash(Uint8Array.of(255, 255));
        expect(
          accepts(
            entries.map(([index, hash]) => [index, index === chosen ? stranger : hash]),
            nodes,
          ),
        ).toBe(false);
        expect(
          accepts(
            entries.filter(([index]) => index !== chosen),
            nodes,
          ),
        ).toBe(false);
        expect(accepts(entries, [...nodes, stranger])).toBe(false);
        const free = Array.from({ length: size }, (_, index) => index).find((index) => !indexes.includes(index));
        if (free === undefined) return;
        expect(accepts([...entries, [free, stranger]], nodes)).toBe(false);
        expect(accepts(entries, nodes.slice(1))).toBe(false);
        expect(accepts(entries, [stranger, ...nodes.slice(1)])).toBe(false);
        expect(
          accepts(
            entries,
            nodes.map((node) => node.slice(0, 31)),
          ),
        ).toBe(false);
        if (nodes.length > 1) expect(accepts(entries, nodes.toReversed())).toBe(false);
      }),
    );
  });

  test("it needs at least one leaf, and only leaves of the tree", () => {
    const { nodeAt } = treeOf(4);
    for (const indexes of [[], [4], [-1], [0.5], [Number.NaN]]) {
      expect(() => makeMultiProof(indexes, 4, nodeAt)).toThrow(RangeError);
      expect(verifyMultiProof(new Map(indexes.map((index) => [index, leafOf(0)])), 4, [], treeOf(4).root())).toBe(false);
    }
  });
});

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
