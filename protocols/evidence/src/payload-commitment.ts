// What a header says about its payload: an HMAC under a random salt, so that payload and salt can be deleted and the header still proves its place.

import { decodeBase64Url, encodeBase64Url, formatHash, hmacSha256 } from "@kos/klp";

/** Bytes of a salt: fixed, because HMAC takes a key and the same key with zeros after it for one. */
export const SALT_BYTES = 16;

/** `hmac-sha256:<hex>` of HMAC-SHA-256(salt, payload), over the payload's bytes as first written (UTF-8). */
export function payloadCommitment(salt: Uint8Array, payload: string): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`A salt has ${SALT_BYTES} bytes, not ${salt.length}.`);
  return formatCommitment(hmacSha256(salt, payload));
}

/** `hmac-sha256:<hex>` of the 32 bytes. */
export function formatCommitment(digest: Uint8Array): string {
  return `hmac-${formatHash(digest)}`;
}

/** base64url, as salts are written in evidence and read from the log. */
export function formatSalt(salt: Uint8Array): string {
  return encodeBase64Url(salt);
}

/** The salt, or undefined for anything but the canonical text of 16 bytes. */
export function parseSalt(text: string): Uint8Array | undefined {
  const salt = decodeBase64Url(text);
  return salt?.length === SALT_BYTES ? salt : undefined;
}
