/** did:key for Ed25519: multibase base58btc of the multicodec 0xed01 and the 32-byte key. One key has one did; it resolves nothing online. */

import { isSoundPoint } from "./crypto/point-encoding.ts";
import type { DidKey } from "./ids.ts";

const PREFIX = "did:key:z";
const MULTICODEC = [0xed, 0x01] as const;
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** Every Ed25519 key gives 48 characters, and the multicodec makes them begin with z6Mk. */
const PATTERN = /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

/** Decoded keys by their did. Bounded, because dids come from outside. The arrays are shared: read only. */
const decoded = new Map<string, Uint8Array>();
const MAX_CACHED = 4096;

/** The did of a public key. @throws RangeError when it has not 32 bytes. */
export function encodeDidKey(publicKey: Uint8Array): DidKey {
  if (publicKey.length !== 32) throw new RangeError(`An Ed25519 public key has 32 bytes, not ${publicKey.length}.`);
  return (PREFIX + encodeBase58(Uint8Array.of(...MULTICODEC, ...publicKey))) as DidKey;
}

/** The public key of a did (do not write to it), or undefined for any other text, codec, length or a key that no signature may use. */
export function decodeDidKey(did: string): Uint8Array | undefined {
  const cached = decoded.get(did);
  if (cached !== undefined) return cached;
  if (!PATTERN.test(did)) return undefined;
  const bytes = decodeBase58(did.slice(PREFIX.length), 34);
  if (bytes === undefined || bytes[0] !== MULTICODEC[0] || bytes[1] !== MULTICODEC[1]) return undefined;
  const publicKey = bytes.slice(2);
  if (!isSoundPoint(publicKey)) return undefined;
  if (decoded.size >= MAX_CACHED) for (const oldest of [...decoded.keys()].slice(0, MAX_CACHED / 2)) decoded.delete(oldest);
  decoded.set(did, publicKey);
  return publicKey;
}

export function isDidKey(value: unknown): value is DidKey {
  return typeof value === "string" && decodeDidKey(value) !== undefined;
}

function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = [];
  for (const byte of bytes) {
    let carry = byte;
    for (let index = 0; index < digits.length; index++) {
      carry += (digits[index] as number) << 8;
      digits[index] = carry % 58;
      carry = Math.floor(carry / 58);
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
  }
  // The first byte here is never zero, so there are no leading ones to write.
  return digits
    .reverse()
    .map((digit) => ALPHABET[digit])
    .join("");
}

/** The value as exactly `length` bytes, or undefined when it needs more or fewer. */
function decodeBase58(text: string, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  for (const character of text) {
    let carry = ALPHABET.indexOf(character);
    for (let index = length - 1; index >= 0; index--) {
      carry += (bytes[index] as number) * 58;
      bytes[index] = carry & 0xff;
      carry >>= 8;
    }
    if (carry !== 0) return undefined;
  }
  return bytes[0] === 0 ? undefined : bytes;
}
