/** The primitives on @noble, for browsers and other hosts without node:crypto. Slower, and exactly as strict as the Node file. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { isCanonicalScalar, isSoundPoint } from "./point-encoding.ts";
import type { Primitives, Signer } from "./primitives.ts";

const encoder = new TextEncoder();

export function sha256(data: Uint8Array | string): Uint8Array {
  return nobleSha256(toBytes(data));
}

export function sha256Hex(data: Uint8Array | string): string {
  return bytesToHex(nobleSha256(toBytes(data)));
}

export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return hmac(nobleSha256, key, toBytes(data));
}

export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // getRandomValues fills at most 65,536 bytes a call.
  for (let offset = 0; offset < length; offset += 65_536) crypto.getRandomValues(bytes.subarray(offset, offset + 65_536));
  return bytes;
}

export function createSigner(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError(`An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  const secret = Uint8Array.from(seed);
  return { publicKey: ed25519.getPublicKey(secret), sign: (message) => ed25519.sign(message, secret) };
}

export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!(publicKey instanceof Uint8Array && message instanceof Uint8Array && signature instanceof Uint8Array)) return false;
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isSoundPoint(publicKey) || !isSoundPoint(signature) || !isCanonicalScalar(signature, 32)) return false;
  try {
    // The library's own verify multiplies by the cofactor, which accepts more than OpenSSL does: compare SB - kA with R byte by byte instead.
    const { Point } = ed25519;
    const key = Point.fromBytes(publicKey, false);
    const challenge = sha512.create().update(signature.subarray(0, 32)).update(publicKey).update(message).digest();
    const k = Point.Fn.create(littleEndian(challenge));
    const s = littleEndian(signature.subarray(32));
    const expected = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes();
    return expected.every((byte, index) => byte === signature[index]);
  } catch {
    return false; // A key that is not on the curve: the caller learns "does not verify", which is all it may learn.
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);
}

function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}

({ sha256, sha256Hex, hmacSha256, randomBytes, createSigner, verifySignature }) satisfies Primitives;
