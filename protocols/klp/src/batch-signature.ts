/** The one signature of a batch: which bytes it covers and how the leaves under it are hashed. */

import { sha256, verifySignature } from "#crypto";
import type { Signer } from "./crypto/primitives.ts";
import { signedText } from "./envelope.ts";
import { formatSignature, parseSignature, type SignatureText } from "./signature-text.ts";

const DOMAIN = "klp-batch/1.0\0";

/** RFC 6962 leaf hash over the signed text of an envelope. */
export function envelopeLeafHash(type: string, canonicalUnsigned: string): Uint8Array {
  return sha256(`\0${signedText(type, canonicalUnsigned)}`);
}

/** Signs `"klp-batch/1.0\0" + uint64be(size) + root`. */
export function signBatchRoot(size: number, root: Uint8Array, signer: Signer): SignatureText {
  return formatSignature(signer.sign(batchRootBytes(size, root)));
}

/** Whether the signature fits size, root and key. False for any text that is not a signature. */
export function verifyBatchRoot(size: number, root: Uint8Array, publicKey: Uint8Array, signature: unknown): boolean {
  const bytes = parseSignature(signature);
  return bytes !== undefined && verifySignature(publicKey, batchRootBytes(size, root), bytes);
}

function batchRootBytes(size: number, root: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DOMAIN.length + 8 + 32);
  for (let index = 0; index < DOMAIN.length; index++) bytes[index] = DOMAIN.charCodeAt(index);
  new DataView(bytes.buffer).setBigUint64(DOMAIN.length, BigInt(size));
  bytes.set(root, DOMAIN.length + 8);
  return bytes;
}
