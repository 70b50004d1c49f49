/** Who signs: an id with its key pair, and how a private key is written into a file. Reading and writing the file is not done here. */

import { createSigner, randomBytes } from "#crypto";
import type { Signer } from "./crypto/primitives.ts";
import { encodeDidKey } from "./did-key.ts";
import { KosError } from "./errors.ts";
import type { AgentId, DidKey } from "./ids.ts";

/** Signs in the name of an agent or a node. The private key stays inside. */
export interface Identity extends Signer {
  /** The agent id, or the did of a node. */
  readonly id: AgentId | DidKey;
  /** did:key of `publicKey`. */
  readonly did: DidKey;
}

/** A fresh private key: 32 secret bytes, to be written with `encodeKeyFile` and overwritten with zeros when no longer needed. */
export function generateSeed(): Uint8Array {
  return randomBytes(32);
}

/** The identity of an agent. @throws RangeError for a seed that has not 32 bytes. */
export function createIdentity(id: AgentId, seed: Uint8Array): Identity {
  const signer = createSigner(seed);
  return { ...signer, id, did: encodeDidKey(signer.publicKey) };
}

/** The identity of a node, whose id is the did of its key. @throws RangeError for a seed that has not 32 bytes. */
export function createNodeIdentity(seed: Uint8Array): Identity & { readonly id: DidKey } {
  const signer = createSigner(seed);
  const did = encodeDidKey(signer.publicKey);
  return { ...signer, id: did, did };
}

/** PKCS #8 header of an Ed25519 private key (RFC 8410); the seed follows. */
const PKCS8_HEADER = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const KEY_FILE = /^-----BEGIN PRIVATE KEY-----\r?\n([A-Za-z0-9+/]{64})\r?\n-----END PRIVATE KEY-----\r?\n?$/;

/** The content of a key file: PKCS #8 in PEM, which `openssl pkey` reads too. It is a secret. */
export function encodeKeyFile(seed: Uint8Array): string {
  if (seed.length !== 32) throw new RangeError(`An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  return `-----BEGIN PRIVATE KEY-----\n${btoa(PKCS8_HEADER + String.fromCharCode(...seed))}\n-----END PRIVATE KEY-----\n`;
}

/** The seed in a key file. @throws KosError BAD_REQUEST, without quoting the content, when it is not one Ed25519 key in PKCS #8 PEM. */
export function decodeKeyFile(content: string): Uint8Array {
  const der = atob(KEY_FILE.exec(content)?.[1] ?? "");
  if (der.length !== 48 || !der.startsWith(PKCS8_HEADER)) {
    throw new KosError("BAD_REQUEST", "The key file is not an unencrypted Ed25519 key in PKCS #8 PEM. Restore it from a backup.");
  }
  return Uint8Array.from(der.slice(PKCS8_HEADER.length), (character) => character.charCodeAt(0));
}
