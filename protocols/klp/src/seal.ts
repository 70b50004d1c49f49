/** Sealing: from what a sender wants to say to signed envelopes, singly or many under one signature. It reads no clock but the one it is given. */

import { randomBytes } from "#crypto";
import { encodeBase64Url } from "./base64url.ts";
import { encodeBatchFrame } from "./batch-frame.ts";
import { envelopeLeafHash, signBatchRoot } from "./batch-signature.ts";
import { canonicalJsonWithin } from "./canonical-json.ts";
import { encodeDidKey } from "./did-key.ts";
import { DEFAULT_MAX_ENVELOPE_BYTES, type Envelope, KLP_VERSION, type MessageType, signedText, type UnsignedEnvelope } from "./envelope.ts";
import { readUnsignedEnvelope } from "./envelope-shape.ts";
import { KosError } from "./errors.ts";
import { formatHash } from "./hash-text.ts";
import type { Identity } from "./identity.ts";
import type { AgentId, DidKey } from "./ids.ts";
import { makeInclusionProof } from "./merkle-proof.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { formatSignature } from "./signature-text.ts";
import { DEFAULT_MAX_DEPTH } from "./strict-json.ts";
import { readStrictJson } from "./strict-json-reader.ts";
import { formatTimestamp } from "./timestamp.ts";
import { createUuidV7 } from "./uuid-v7.ts";

/** What the sender decides; sealing fills in the rest. */
export interface EnvelopeDraft<Payload = unknown> {
  readonly type: MessageType;
  /** An agent id, `role:<kClass>`, `topic:<dotted name>`, `broadcast` or a did:key. */
  readonly to: string;
  readonly payload: Payload;
  /** Default: the id of the identity that seals. */
  readonly from?: AgentId | DidKey;
  /** Default: a new UUIDv7. */
  readonly id?: string;
  readonly task_id?: string;
  readonly plan_id?: string;
  readonly reply_to?: string;
  readonly trace?: string;
  /** Seconds the message may live, 1 to 300. Default 60. */
  readonly ttl_s?: number;
}

export interface SealOptions {
  /** Unix time in milliseconds, or where to read it. */
  readonly now: number | (() => number);
  /** Nonces: of a session, or to make a test repeatable. Default: 16 random bytes each. */
  readonly nonce?: () => string;
  /** Ids for drafts without one. Default: UUIDv7. */
  readonly id?: () => string;
}

/** Many envelopes under one signature, sealed in the order of their drafts. */
export interface SealedBatch {
  /** The bytes of one frame with all of them, for `openFrame`. */
  readonly frame: Uint8Array;
  /** The same messages, each with a proof of its own, so that it can go its own way. Made when first asked for. */
  readonly envelopes: readonly Envelope[];
}

const DEFAULT_TTL_S = 60;
const LONG_NUMBER = /[0-9]{16}/;
const encoder = new TextEncoder();

/**
 * Seals one message. The payload is not copied: do not change it until the envelope has been encoded.
 * @throws KosError BAD_REQUEST when a field or the payload cannot stand in an envelope, TOO_LARGE beyond 1 MiB.
 */
export function sealEnvelope<Payload>(draft: EnvelopeDraft<Payload>, identity: SealingIdentity, options: SealOptions): Envelope<Payload> {
  const { unsigned, canonical } = prepare(draft, identity, options);
  const signature = formatSignature(identity.sign(encoder.encode(signedText(unsigned.type, canonical))));
  return { ...unsigned, auth: { key: unsigned.auth.key, proof: { kind: "ed25519", signature } } };
}

/**
 * Seals many messages with one signature, which costs a fraction of signing each.
 * @throws KosError as `sealEnvelope` for any of them (then none is sealed); BAD_REQUEST when there is none.
 */
export function sealBatch(drafts: readonly EnvelopeDraft[], identity: SealingIdentity, options: SealOptions): SealedBatch {
  if (drafts.length === 0) throw new KosError("BAD_REQUEST", "A batch needs at least one message.");
  const sealing = { ...options, now: readClock(options.now), id: options.id ?? createUuidV7(() => readClock(options.now), randomBytes) };
  const prepared = drafts.map((draft) => prepare(draft, identity, sealing));
  const tree = new MerkleTree(prepared.map(({ unsigned, canonical }) => envelopeLeafHash(unsigned.type, canonical)));
  const size = tree.size;
  const rootSignature = signBatchRoot(size, tree.root(), identity);
  const frame = encodeBatchFrame(
    prepared.map(({ canonical }) => canonical),
    { key: didOf(identity), kind: "ed25519-batch", root_signature: rootSignature, size },
  );
  let envelopes: readonly Envelope[] | undefined;
  return {
    frame,
    get envelopes() {
      envelopes ??= prepared.map(({ unsigned }, index) => {
        const path = makeInclusionProof(index, size, tree.nodeAt).map(formatHash);
        const proof = { kind: "ed25519-batch", root_signature: rootSignature, size, index, path } as const;
        return { ...unsigned, auth: { key: unsigned.auth.key, proof } };
      });
      return envelopes;
    },
  };
}

/** An identity whose did may be left out; it follows from the public key. */
export type SealingIdentity = Omit<Identity, "did"> & { readonly did?: DidKey };

interface Prepared<Payload> {
  readonly unsigned: UnsignedEnvelope<Payload>;
  readonly canonical: string;
}

function prepare<Payload>(draft: EnvelopeDraft<Payload>, identity: SealingIdentity, options: SealOptions): Prepared<Payload> {
  const nowMs = readClock(options.now);
  // The members stand in the order of canonical JSON, which saves sorting them.
  const unsigned: UnsignedEnvelope<Payload> = {
    auth: { key: didOf(identity) },
    from: draft.from ?? identity.id,
    id: draft.id ?? (options.id ?? createUuidV7(() => nowMs, randomBytes))(),
    nonce: options.nonce === undefined ? encodeBase64Url(randomBytes(16)) : options.nonce(),
    payload: draft.payload,
    ...(draft.plan_id === undefined ? {} : { plan_id: draft.plan_id }),
    protocol: KLP_VERSION,
    ...(draft.reply_to === undefined ? {} : { reply_to: draft.reply_to }),
    ...(draft.task_id === undefined ? {} : { task_id: draft.task_id }),
    timestamp: formatTimestamp(nowMs),
    to: draft.to,
    ...(draft.trace === undefined ? {} : { trace: draft.trace }),
    ttl_s: draft.ttl_s ?? DEFAULT_TTL_S,
    type: draft.type,
  };
  let canonical: string;
  try {
    readUnsignedEnvelope(unsigned);
    canonical = canonicalJsonWithin(unsigned, DEFAULT_MAX_DEPTH);
    // What a strict reader refuses must not be sealed: sixteen digits may be an integer beyond 2^53.
    if (LONG_NUMBER.test(canonical)) readStrictJson(canonical, DEFAULT_MAX_DEPTH, "BAD_REQUEST");
  } catch (cause) {
    throw new KosError("BAD_REQUEST", `This message cannot be sealed. ${cause instanceof Error ? cause.message : ""}`, { cause });
  }
  // Three bytes a unit at most: only a long text has to be measured. A proof adds less than the 8 KiB left for it.
  const maxBytes = DEFAULT_MAX_ENVELOPE_BYTES - 8192;
  if (canonical.length * 3 > maxBytes && encoder.encode(canonical).length > maxBytes) {
    throw new KosError("TOO_LARGE", `A message may have ${maxBytes} bytes. Send a large value as an artifact and refer to it.`);
  }
  return { unsigned, canonical };
}

function didOf(identity: SealingIdentity): DidKey {
  return identity.did ?? encodeDidKey(identity.publicKey);
}

function readClock(now: SealOptions["now"]): number {
  return typeof now === "function" ? now() : now;
}
