/** What every implementation of the primitives must do; run against Node's and the browser's. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { missingVectors, readJsonVector } from "../vectors.fixture.ts";
import type { Primitives } from "./primitives.ts";

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const FIELD = Point.Fp.ORDER;
const utf8 = new TextEncoder();
/** Any code point but surrogates. */
const codePoint = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }));

export function testPrimitivesContract(name: string, primitives: Primitives): void {
  const { createSigner, hmacSha256, randomBytes, sha256, sha256Hex, verifySignature } = primitives;

  describe(`${name}: hashes`, () => {
    test("SHA-256 answers as in FIPS 180-4", () => {
      expect(toHex(sha256(""))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
      expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    });

    test("a text is hashed as its UTF-8 bytes, and both forms of the result agree", () => {
      fc.assert(
        fc.property(
          fc.array(codePoint).map((points) => String.fromCodePoint(...points)),
          (text) => {
            expect(sha256(text)).toEqual(sha256(utf8.encode(text)));
            expect(toHex(sha256(text))).toBe(sha256Hex(text));
          },
        ),
      );
    });

    test("results are plain byte arrays of their own", () => {
      for (const bytes of [sha256("a"), hmacSha256(utf8.encode("k"), "a"), randomBytes(8), createSigner(new Uint8Array(32)).publicKey]) {
        expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      }
    });

    test("HMAC-SHA-256 answers as in RFC 4231", () => {
      expect(toHex(hmacSha256(utf8.encode("Jefe"), "what do ya want for nothing?"))).toBe(
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      );
      expect(toHex(hmacSha256(new Uint8Array(131).fill(0xaa), "Test Using Larger Than Block-Size Key - Hash Key First"))).toBe(
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      );
    });

    test("HMAC-SHA-256 is that of another library for any key and any text, one after the other", () => {
      const anyText = fc.oneof(
        fc.array(codePoint).map((points) => String.fromCodePoint(...points)),
        fc.integer({ min: 0, max: 20_000 }).map((length) => "é𝄞x".repeat(length)),
      );
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), anyText, (key, text) => {
          const expected = toHex(hmac(nobleSha256, key, utf8.encode(text)));
          expect(toHex(hmacSha256(key, text))).toBe(expected);
          expect(toHex(hmacSha256(key, utf8.encode(text)))).toBe(expected);
        }),
      );
    });

    test("random bytes have the length asked for and do not repeat", () => {
      for (const length of [0, 1, 10, 16, 17, 32, 4096, 70_000]) expect(randomBytes(length)).toHaveLength(length);
      const seen = new Set(Array.from({ length: 5000 }, () => toHex(randomBytes(16))));
      expect(seen.size).toBe(5000);
    });
  });

  describe(`${name}: Ed25519`, () => {
    test.each(RFC_8032)("signs and verifies as in RFC 8032 section 7.1, %s", (_, seed, publicKey, message, signature) => {
      const signer = createSigner(fromHex(seed));
      expect(toHex(signer.publicKey)).toBe(publicKey);
      expect(toHex(signer.sign(fromHex(message)))).toBe(signature);
      expect(verifySignature(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
    });

    const missing = missingVectors("wycheproof/ed25519_test.json");
    test.skipIf(missing)(`[R49] decides all 151 Wycheproof cases as they say${missing ? ` (skipped: ${missing})` : ""}`, () => {
      const file = readJsonVector<WycheproofFile>("wycheproof/ed25519_test.json");
      const cases = file.testGroups.flatMap((group) => group.tests.map((item) => ({ ...item, key: group.publicKey.pk })));
      const wrong = cases.filter(
        (item) => verifySignature(fromHex(item.key), fromHex(item.msg), fromHex(item.sig)) !== (item.result === "valid"),
      );
      expect(cases).toHaveLength(151);
      expect(wrong.map((item) => `${item.tcId} ${item.comment}`)).toEqual([]);
    });

    test("a signature is valid for its key and message only, and only whole", () => {
      const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
      const change = fc.record({
        part: fc.constantFrom("key" as const, "message" as const, "signature" as const),
        byte: fc.nat(),
        bit: fc.nat(7),
      });
      fc.assert(
        fc.property(seed, fc.uint8Array({ minLength: 1, maxLength: 200 }), change, (secret, message, { part, byte, bit }) => {
          const signer = createSigner(secret);
          const parts = { key: Uint8Array.from(signer.publicKey), message: Uint8Array.from(message), signature: signer.sign(message) };
          expect(verifySignature(parts.key, parts.message, parts.signature)).toBe(true);
          const target = parts[part];
          target[byte % target.length] = (target[byte % target.length] as number) ^ (1 << bit);
          expect(verifySignature(parts.key, parts.message, parts.signature)).toBe(false);
        }),
        { numRuns: 60 },
      );
    });

    test("[R58] signatures of 0, 63 and 65 bytes and keys of 31 and 33 are refused without an error", () => {
      const { key, message, signature } = honest(primitives);
      for (const length of [0, 63]) expect(verifySignature(key, message, signature.slice(0, length))).toBe(false);
      expect(verifySignature(key, message, Uint8Array.of(...signature, 0))).toBe(false);
      expect(verifySignature(key.slice(0, 31), message, signature)).toBe(false);
      expect(verifySignature(Uint8Array.of(...key, 0), message, signature)).toBe(false);
    });

    test("what is no byte array is refused without an error", () => {
      const { key, message, signature } = honest(primitives);
      for (const bad of [undefined, null, "", "a".repeat(64), 7, {}, [], new Array(64).fill(0), new Uint16Array(32)]) {
        expect(verifySignature(bad as Uint8Array, message, signature)).toBe(false);
        expect(verifySignature(key, bad as Uint8Array, signature)).toBe(false);
        expect(verifySignature(key, message, bad as Uint8Array)).toBe(false);
      }
    });

    test("a view into a larger buffer verifies like a copy", () => {
      const { key, message, signature } = honest(primitives);
      const buffer = Uint8Array.of(...key, ...signature, ...message);
      expect(verifySignature(buffer.subarray(0, 32), buffer.subarray(96), buffer.subarray(32, 96))).toBe(true);
    });

    test("a private key is a seed of 32 bytes and nothing else", () => {
      for (const length of [0, 31, 33, 64]) expect(() => createSigner(new Uint8Array(length))).toThrow(RangeError);
    });

    test("the seed can be wiped once the signer is made", () => {
      const seed = randomBytes(32);
      const signer = createSigner(seed);
      const signature = signer.sign(utf8.encode("a"));
      seed.fill(0);
      expect(signer.sign(utf8.encode("a"))).toEqual(signature);
    });
  });

  describe(`[K11] ${name}: Ed25519 at its edges`, () => {
    test("[R50] an S that is not below the group order is refused", () => {
      const { key, message, signature } = honest(primitives);
      const s = littleEndian(signature.subarray(32));
      for (const other of [s + ORDER, s + 2n * ORDER, s + 8n * ORDER].filter((value) => value < 2n ** 256n)) {
        expect(verifySignature(key, message, Uint8Array.of(...signature.subarray(0, 32), ...toLittleEndian(other)))).toBe(false);
      }
      expect(verifySignature(key, message, Uint8Array.of(...signature.subarray(0, 32), ...toLittleEndian(ORDER)))).toBe(false);
    });

    test("[R50] no key of small order is accepted, though the equation holds", () => {
      for (const encoding of smallOrderEncodings()) {
        const { message, signature } = forgeForSmallOrderKey(encoding);
        expect(verifySignature(encoding, message, signature), toHex(encoding)).toBe(false);
      }
    });

    test("[R50] no R of small order is accepted, though the equation holds", () => {
      const seed = new Uint8Array(32).fill(7);
      const { pointBytes, scalar } = ed25519.utils.getExtendedPublicKey(seed);
      for (const encoding of smallOrderEncodings()) {
        const message = utf8.encode("small R");
        const s = (challenge(encoding, pointBytes, message) * scalar) % ORDER;
        expect(verifySignature(pointBytes, message, Uint8Array.of(...encoding, ...toLittleEndian(s))), toHex(encoding)).toBe(false);
      }
    });

    test("[R50] keys and R with y of 2^255 - 19 and above are refused", () => {
      const { key, message, signature } = honest(primitives);
      for (let excess = 0n; excess < 19n; excess++) {
        for (const sign of [0n, 1n]) {
          const encoding = toLittleEndian(FIELD + excess + (sign << 255n));
          expect(verifySignature(encoding, message, signature)).toBe(false);
          expect(verifySignature(key, message, Uint8Array.of(...encoding, ...signature.subarray(32)))).toBe(false);
        }
      }
    });

    test("[R50] a key with a part of small order is judged without the cofactor", () => {
      const { accepted, cofactorOnly } = mixedOrderCases();
      for (const item of accepted) expect(verifySignature(item.key, item.message, item.signature)).toBe(true);
      for (const item of cofactorOnly) expect(verifySignature(item.key, item.message, item.signature)).toBe(false);
    });

    test("[R50] a key that is no point of the curve is refused", () => {
      const { message, signature } = honest(primitives);
      let off = 0;
      for (let y = 2; y < 40; y++) {
        const encoding = toLittleEndian(BigInt(y));
        if (isOnCurve(encoding)) continue;
        off++;
        expect(verifySignature(encoding, message, signature)).toBe(false);
      }
      expect(off).toBeGreaterThan(10);
    });
  });
}

/** A case whose key or R holds a part of small order, built so that the equation holds with the cofactor. */
interface EdgeCase {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

function honest(primitives: Primitives): EdgeCase {
  const signer = primitives.createSigner(new Uint8Array(32).fill(3));
  const message = utf8.encode("message");
  return { key: signer.publicKey, message, signature: signer.sign(message) };
}

/** The eight points of small order: multiples of one of order eight. */
function torsionPoints(): InstanceType<typeof Point>[] {
  const generator = Point.fromBytes(fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), true);
  return Array.from({ length: 8 }, (_, index) => (index === 0 ? Point.ZERO : generator.multiplyUnsafe(BigInt(index))));
}

/** Every encoding of a point of small order, those included that a lax reader takes (y beyond the field, a sign on x = 0). */
function smallOrderEncodings(): Uint8Array[] {
  const canonical = torsionPoints().map((point) => point.toBytes());
  const lax = [0n, 1n, FIELD - 1n].flatMap((y) => [y, y + FIELD].flatMap((value) => [value, value + 2n ** 255n]));
  const texts = [...canonical.map(toHex), ...lax.filter((value) => value < 2n ** 256n).map((value) => toHex(toLittleEndian(value)))];
  return [...new Set(texts)].map(fromHex);
}

/** With a key of small order, a message whose challenge is a multiple of eight makes hA vanish: then R = rB and S = r fit. */
function forgeForSmallOrderKey(key: Uint8Array): EdgeCase {
  const r = 12345n;
  const pointR = Point.BASE.multiply(r).toBytes();
  for (let index = 0; ; index++) {
    const message = utf8.encode(`message ${index}`);
    if (challenge(pointR, key, message) % 8n !== 0n) continue;
    return { key, message, signature: Uint8Array.of(...pointR, ...toLittleEndian(r)) };
  }
}

function mixedOrderCases(): { readonly accepted: EdgeCase[]; readonly cofactorOnly: EdgeCase[] } {
  const { scalar } = ed25519.utils.getExtendedPublicKey(new Uint8Array(32).fill(9));
  const accepted: EdgeCase[] = [];
  const cofactorOnly: EdgeCase[] = [];
  const torsion = torsionPoints();
  for (const inKey of torsion) {
    for (const inR of torsion) {
      if (inKey.equals(Point.ZERO) && inR.equals(Point.ZERO)) continue;
      for (let index = 0; index < 12; index++) {
        const key = Point.BASE.multiply(scalar).add(inKey).toBytes();
        const pointR = Point.BASE.multiply(777n).add(inR).toBytes();
        const message = utf8.encode(`mixed ${index}`);
        const k = challenge(pointR, key, message);
        const signature = Uint8Array.of(...pointR, ...toLittleEndian((777n + k * scalar) % ORDER));
        // SB - kA = rB - kT, which has to be R = rB + T' itself, not only up to the small-order part.
        const rest = inKey.equals(Point.ZERO) || k % 8n === 0n ? Point.ZERO : inKey.multiplyUnsafe(k % 8n);
        const list = rest.negate().equals(inR) ? accepted : cofactorOnly;
        list.push({ key, message, signature });
      }
    }
  }
  expect(accepted.length).toBeGreaterThan(10);
  expect(cofactorOnly.length).toBeGreaterThan(100);
  return { accepted, cofactorOnly };
}

/** SHA-512(R || A || M) modulo the group order, as a verifier multiplies it. */
function challenge(pointR: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return littleEndian(sha512(Uint8Array.of(...pointR, ...key, ...message))) % ORDER;
}

function isOnCurve(encoding: Uint8Array): boolean {
  try {
    Point.fromBytes(encoding, true);
    return true;
  } catch {
    return false; // What was asked.
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);
}

function toLittleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0")).reverse();
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Name, private seed, public key, message, signature. */
const RFC_8032: readonly (readonly [string, string, string, string, string])[] = [
  [
    "test 1",
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "test 2",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "test 3",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
];
