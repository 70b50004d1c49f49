/** Signatures as text: `ed25519:` and 86 characters of strict base64url. No other algorithm and no other form is read. */

import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";

declare const signatureBrand: unique symbol;
/** `ed25519:<base64url>` */
export type SignatureText = string & { readonly [signatureBrand]: true };

const PREFIX = "ed25519:";

/** Writes 64 bytes of signature. @throws RangeError for another length. */
export function formatSignature(signature: Uint8Array): SignatureText {
  if (signature.length !== 64) throw new RangeError(`An Ed25519 signature has 64 bytes, not ${signature.length}.`);
  return (PREFIX + encodeBase64Url(signature)) as SignatureText;
}

/** The 64 bytes, or undefined for anything but the one canonical text (other algorithms, padding, lax base64, wrong length). */
export function parseSignature(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || text.length !== PREFIX.length + 86 || !text.startsWith(PREFIX)) return undefined;
  return decodeBase64Url(text.slice(PREFIX.length));
}
