/** The primitives on node:crypto. Keys are parsed once and kept; nothing here may be looser than the browser file. */

import { createHmac, createPrivateKey, createPublicKey, hash, type KeyObject, randomFillSync, sign, verify } from "node:crypto";
import { isCanonicalScalar, isSoundPoint } from "./point-encoding.ts";
import type { Primitives, Signer } from "./primitives.ts";

/** DER header of a PKCS #8 Ed25519 private key; the 32-byte seed follows (RFC 8410). */
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");
/** DER header of an Ed25519 SubjectPublicKeyInfo; the 32-byte key follows (RFC 8410). */
const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

/** Parsed public keys by their bytes. Bounded, because keys come from outside; the oldest half goes when it is full. */
const publicKeys = new Map<string, KeyObject>();
const MAX_CACHED_KEYS = 4096;

/**
 * Random bytes fetched ahead for nonces and ids, since a call for a few costs as much as one for thousands (10 µs). Each is handed out once and
 * wiped here. Longer requests, keys among them, never come from the pool.
 */
const pool = new Uint8Array(4096);
const MAX_POOLED_BYTES = 16;
let poolOffset = pool.length;

/** Block size of SHA-256, to which HMAC pads its key. */
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const MAX_KEPT_BYTES = 16_384;
/** UTF-8 needs at most three bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
const inner = Buffer.alloc(BLOCK_BYTES + MAX_KEPT_BYTES);
const outer = Buffer.alloc(BLOCK_BYTES + 32);

export function sha256(data: Uint8Array | string): Uint8Array {
  // Asking for latin1 and copying is half the time of asking for a Buffer (measured on Node 26).
  const digest = hash("sha256", data, "latin1");
  const bytes = new Uint8Array(32);
  for (let index = 0; index < 32; index++) bytes[index] = digest.charCodeAt(index);
  return bytes;
}

export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/** HMAC (RFC 2104) as two one-shot hashes over buffers that are kept, since making an Hmac object takes longer than hashing a short text. */
export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  const mostBytes = typeof data === "string" ? data.length * MAX_BYTES_PER_UNIT : data.length;
  if (key.length > BLOCK_BYTES || mostBytes > MAX_KEPT_BYTES) return new Uint8Array(createHmac("sha256", key).update(data).digest());
  for (let index = 0; index < BLOCK_BYTES; index++) {
    const byte = key[index] ?? 0;
    inner[index] = byte ^ INNER_PAD;
    outer[index] = byte ^ OUTER_PAD;
  }
  if (typeof data !== "string") inner.set(data, BLOCK_BYTES);
  const length = typeof data === "string" ? inner.write(data, BLOCK_BYTES, "utf8") : data.length;
  outer.write(hash("sha256", inner.subarray(0, BLOCK_BYTES + length), "latin1"), BLOCK_BYTES, "latin1");
  const mac = sha256(outer);
  // No key stays behind.
  inner.fill(0, 0, BLOCK_BYTES);
  outer.fill(0);
  return mac;
}

export function randomBytes(length: number): Uint8Array {
  if (length > MAX_POOLED_BYTES) return randomFillSync(new Uint8Array(length));
  if (poolOffset + length > pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const bytes = pool.slice(poolOffset, poolOffset + length);
  pool.fill(0, poolOffset, poolOffset + length);
  poolOffset += length;
  return bytes;
}

export function createSigner(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError(`An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  const der = Buffer.concat([PKCS8_HEADER, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = new Uint8Array(spki.subarray(SPKI_HEADER.length));
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!(publicKey instanceof Uint8Array && message instanceof Uint8Array && signature instanceof Uint8Array)) return false;
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isSoundPoint(publicKey) || !isSoundPoint(signature) || !isCanonicalScalar(signature, 32)) return false;
  const key = publicKeyObject(publicKey);
  return key !== undefined && verify(null, message, key, signature);
}

function publicKeyObject(publicKey: Uint8Array): KeyObject | undefined {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, 32).toString("latin1");
  const cached = publicKeys.get(name);
  if (cached !== undefined) return cached;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: "der", type: "spki" });
  } catch {
    return undefined; // Not a key to this platform: the caller learns "does not verify", which is all it may learn.
  }
  if (publicKeys.size >= MAX_CACHED_KEYS)
    for (const oldest of [...publicKeys.keys()].slice(0, MAX_CACHED_KEYS / 2)) publicKeys.delete(oldest);
  publicKeys.set(name, key);
  return key;
}

({ sha256, sha256Hex, hmacSha256, randomBytes, createSigner, verifySignature }) satisfies Primitives;
