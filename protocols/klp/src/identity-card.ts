/** Identity cards, with which a node vouches for its agents' keys, and statements by which an old key hands over to a new one. */

import type { Signer } from "./crypto/primitives.ts";
import { decodeDidKey, encodeDidKey, isDidKey } from "./did-key.ts";
import { KosError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { type AgentId, type DidKey, isAgentId, type NodeDid } from "./ids.ts";
import { signDocument, verifyDocument } from "./signed-document.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

const CARD_DOMAIN = "klp-card/1.0";
const ROTATION_DOMAIN = "klp-rotation/1.0";

export interface IdentityCard {
  readonly schema_version: 1;
  readonly id: AgentId | DidKey;
  /** did:key of the agent's key. */
  readonly public_key: DidKey;
  /** did of the node that vouches for it. */
  readonly issuer: NodeDid;
  readonly valid_from: string;
  readonly expires: string;
  readonly signature: string;
}

export interface CardTerms {
  readonly id: AgentId | DidKey;
  readonly publicKey: Uint8Array;
  readonly validFromMs: number;
  readonly expiresMs: number;
}

/** A key that takes the place of another for the same id, signed by both: the old one hands over, the new one shows that it is there. */
export interface KeyRotation {
  readonly schema_version: 1;
  readonly id: AgentId | DidKey;
  readonly old_key: DidKey;
  readonly new_key: DidKey;
  readonly rotated_at: string;
  /** By the new key. */
  readonly new_key_signature: string;
  /** By the old key. */
  readonly signature: string;
}

const CARD_MEMBERS = ["schema_version", "id", "public_key", "issuer", "valid_from", "expires", "signature"] as const;
const ROTATION_MEMBERS = ["schema_version", "id", "old_key", "new_key", "rotated_at", "new_key_signature", "signature"] as const;

/** Issues a card under the node's key. @throws RangeError when it would expire before it begins. */
export function issueCard(terms: CardTerms, node: Identity): IdentityCard {
  if (terms.expiresMs <= terms.validFromMs) throw new RangeError("A card has to expire after it becomes valid.");
  const card = {
    schema_version: 1,
    id: terms.id,
    public_key: encodeDidKey(terms.publicKey),
    issuer: node.did,
    valid_from: formatTimestamp(terms.validFromMs),
    expires: formatTimestamp(terms.expiresMs),
  } as const;
  return { ...card, signature: signDocument(CARD_DOMAIN, card, node) };
}

/**
 * Accepts a card. @throws KosError, in this order: BAD_REQUEST (shape), IDENTITY_UNKNOWN (an issuer that `isTrustedIssuer` does not know),
 * SIGNATURE_INVALID, EXPIRED (before or after its time).
 */
export function verifyCard(
  value: unknown,
  context: { readonly now: () => number; readonly isTrustedIssuer: (issuer: NodeDid) => boolean },
): IdentityCard {
  const card = readMembers(value, CARD_MEMBERS, "identity card");
  const validFromMs = parseTimestamp(card.valid_from);
  const expiresMs = parseTimestamp(card.expires);
  const { issuer, public_key: publicKey, id } = card;
  if (
    !(isAgentId(id) || isDidKey(id)) ||
    !isDidKey(publicKey) ||
    !isDidKey(issuer) ||
    validFromMs === undefined ||
    expiresMs === undefined
  ) {
    throw new KosError("BAD_REQUEST", "The identity card has an id, key or time that is not written as it should be. Issue it again.");
  }
  if (!context.isTrustedIssuer(issuer)) {
    throw new KosError("IDENTITY_UNKNOWN", "The identity card was issued by a node that is not trusted here. Pair with that node first.");
  }
  if (!verifyDocument(CARD_DOMAIN, card, publicKeyOf(issuer))) {
    throw new KosError("SIGNATURE_INVALID", "The signature of the identity card does not fit. Issue it again.");
  }
  if (isDidKey(id) && id !== publicKey) {
    throw new KosError("IDENTITY_MISMATCH", "The identity card names a did that is not the did of its key. Issue it again.");
  }
  const nowMs = context.now();
  if (nowMs < validFromMs || nowMs >= expiresMs) {
    throw new KosError("EXPIRED", `The identity card is valid from ${card.valid_from} to ${card.expires}. Have the node issue a new one.`);
  }
  return card as unknown as IdentityCard;
}

/** Makes the statement by which `oldKey` hands its id over to `newKey`. */
export function rotateKey(oldKey: Identity, newKey: Signer, atMs: number): KeyRotation {
  const statement = {
    schema_version: 1,
    id: oldKey.id,
    old_key: oldKey.did,
    new_key: encodeDidKey(newKey.publicKey),
    rotated_at: formatTimestamp(atMs),
  } as const;
  const countersigned = { ...statement, new_key_signature: signDocument(ROTATION_DOMAIN, statement, newKey) };
  return { ...countersigned, signature: signDocument(ROTATION_DOMAIN, countersigned, oldKey) };
}

/**
 * Accepts a rotation of the key that is bound to the id now. @throws KosError, in this order: BAD_REQUEST (shape), IDENTITY_MISMATCH (another
 * id or another old key than `bound`), SIGNATURE_INVALID (either signature).
 */
export function verifyRotation(value: unknown, bound: { readonly id: string; readonly key: DidKey }): KeyRotation {
  const rotation = readMembers(value, ROTATION_MEMBERS, "key rotation");
  const { old_key: oldKey, new_key: newKey, new_key_signature: newKeySignature } = rotation;
  if (!isDidKey(oldKey) || !isDidKey(newKey) || oldKey === newKey || parseTimestamp(rotation.rotated_at) === undefined) {
    throw new KosError("BAD_REQUEST", "The key rotation needs two different did:keys and a time.");
  }
  if (rotation.id !== bound.id || oldKey !== bound.key) {
    throw new KosError("IDENTITY_MISMATCH", "The key rotation is for another id, or by a key that is not bound to it now.");
  }
  const { new_key_signature: _, ...statement } = rotation;
  if (
    !verifyDocument(ROTATION_DOMAIN, statement, publicKeyOf(newKey), newKeySignature) ||
    !verifyDocument(ROTATION_DOMAIN, rotation, publicKeyOf(oldKey))
  ) {
    throw new KosError("SIGNATURE_INVALID", "A signature of the key rotation does not fit. Both the old and the new key have to sign it.");
  }
  return rotation as unknown as KeyRotation;
}

function readMembers<Name extends string>(value: unknown, names: readonly Name[], what: string): { readonly [Member in Name]: unknown } {
  if (
    typeof value !== "object" ||
    value === null ||
    Object.keys(value).length !== names.length ||
    !names.every((name) => Object.hasOwn(value, name))
  ) {
    throw new KosError("BAD_REQUEST", `The ${what} must have exactly the members ${names.join(", ")}.`);
  }
  if ((value as { readonly schema_version?: unknown }).schema_version !== 1) {
    throw new KosError("BAD_REQUEST", `The ${what} has a schema version other than 1. Update the older side.`);
  }
  return value as { readonly [Member in Name]: unknown };
}

function publicKeyOf(did: DidKey): Uint8Array {
  const publicKey = decodeDidKey(did);
  if (publicKey === undefined) throw new KosError("BAD_REQUEST", "That is not the did:key of an Ed25519 key.");
  return publicKey;
}
