/**
 * Signatures over JSON documents, each kind under its own domain, so that a signature made for one kind is worth nothing in another.
 * Every signature of this project is made over `<domain> NUL <rest>`; no domain is the beginning of another, because none holds a NUL.
 */

import { verifySignature } from "#crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { Signer } from "./crypto/primitives.ts";
import { formatSignature, parseSignature, type SignatureText } from "./signature-text.ts";

/** `name/major.minor`, then for KLP messages `:TYPE`; for example `klp-manifest/1.0`, `kos-log/1.0`, `klp/1.0:PING`. */
const DOMAIN = /^[a-z][a-z0-9-]*\/[0-9]+\.[0-9]+(?::[A-Z][A-Z0-9_]*)?$/;

const encoder = new TextEncoder();

/** The bytes that are signed: domain, NUL, then the canonical JSON of the document without its `signature` member. */
function documentBytes(domain: string, document: object): Uint8Array {
  if (!DOMAIN.test(domain)) throw new RangeError(`"${domain}" is not a signing domain. Write name/major.minor in lower case.`);
  const { signature: _, ...unsigned } = document as { readonly signature?: unknown };
  return encoder.encode(`${domain}\0${canonicalJson(unsigned)}`);
}

/** Signs a document; a `signature` member it already has is left out. @throws KosError BAD_REQUEST when it is not plain JSON. */
export function signDocument(domain: string, document: object, signer: Signer): SignatureText {
  return formatSignature(signer.sign(documentBytes(domain, document)));
}

/**
 * Whether `signature`, by default the document's member of that name, fits the document, the domain and the key. False for any text that is no
 * signature. @throws KosError BAD_REQUEST when the document is not plain JSON, which one that was parsed always is.
 */
export function verifyDocument(
  domain: string,
  document: object,
  publicKey: Uint8Array,
  signature: unknown = (document as { readonly signature?: unknown }).signature,
): boolean {
  const bytes = parseSignature(signature);
  return bytes !== undefined && verifySignature(publicKey, documentBytes(domain, document), bytes);
}
