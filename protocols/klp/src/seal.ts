/** Sealing: from what a sender wants to say to signed envelopes, singly or many under one signature. It reads no clock but the one it is given. */

import { randomBytes } from "#crypto";
import { encodeBase64Url } from "./base64url.ts";
import { DEFAULT_MAX_FRAME_BYTES, encodeBatchFrame } from "./batch-frame.ts";
import { envelopeLeafHash, signBatchRoot } from "./batch-signature.ts";
import { encodeDidKey } from "./did-key.ts";
import { DEFAULT_MAX_ENVELOPE_BYTES, type Envelope, KLP_VERSION, type MessageType, signedText, type UnsignedEnvelope } from "./envelope.ts";
import { readUnsignedEnvelope } from "./envelope-shape.ts";
import { KosError } from "./errors.ts";
import { formatHash } from "./hash-text.ts";
import type { Identity } from "./identity.ts";
import type { AgentId, DidKey } from "./ids.ts";
import { makeInclusionProof } from "./merkle-proof.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { sealableJson } from "./sealable.ts";
import { formatSignature } from "./signature-text.ts";
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
  /** Nonces: of a session, or a fixed one to make a test repeatable. Default: 16 random bytes each. */
  readonly nonce?: string | (() => string);
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
const encoder = new TextEncoder();

/**
 * Seals one message. The payload is not copied: do not change it until the envelope has been encoded.
 * @throws KosError BAD_REQUEST when a field or the payload cannot stand in an envelope, TOO_LARGE beyond 1 MiB.
 */
export function sealEnvelope<Payload>(draft: EnvelopeDraft<Payload>, identity: SealingIdentity, options: SealOptions): Envelope<Payload> {
  const { unsigned, canonical } = prepare(draft, resolveStamp(identity, options));
  const signature = formatSignature(identity.sign(encoder.encode(signedText(unsigned.type, canonical))));
  return { ...unsigned, auth: { key: unsigned.auth.key, proof: { kind: "ed25519", signature } } };
}

/**
 * Seals many messages with one signature, which costs a fraction of signing each.
 * @throws KosError as `sealEnvelope` for any of them (then none is sealed); BAD_REQUEST when there is none, or one nonce for several; TOO_LARGE when
 * the frame would be larger than a receiver takes by default (8 MiB).
 */
export function sealBatch(drafts: readonly EnvelopeDraft[], identity: SealingIdentity, options: SealOptions): SealedBatch {
  if (drafts.length === 0) throw new KosError("BAD_REQUEST", "A batch needs at least one message.");
  if (drafts.length > 1 && typeof options.nonce === "string")
    throw new KosError("BAD_REQUEST", "Every message of a batch needs a nonce of its own.");
  const stamp = resolveStamp(identity, options);
  const prepared = drafts.map((draft) => prepare(draft, stamp));
  const tree = new MerkleTree(prepared.map(({ unsigned, canonical }) => envelopeLeafHash(unsigned.type, canonical)));
  const size = tree.size;
  const rootSignature = signBatchRoot(size, tree.root(), identity);
  const frame = encodeBatchFrame(
    prepared.map(({ canonical }) => canonical),
    { key: stamp.key, kind: "ed25519-batch", root_signature: rootSignature, size },
  );
  if (frame.length > DEFAULT_MAX_FRAME_BYTES) {
    throw new KosError(
      "TOO_LARGE",
      `The batch has ${frame.length} bytes; at most ${DEFAULT_MAX_FRAME_BYTES} are allowed. Seal it in parts.`,
    );
  }
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

/** What every message sealed in one go has in common, and where the rest comes from. */
interface Stamp {
  readonly key: DidKey;
  readonly from: AgentId | DidKey;
  readonly timestamp: string;
  readonly nonce: () => string;
  readonly id: () => string;
}

function resolveStamp(identity: SealingIdentity, options: SealOptions): Stamp {
  const nowMs = typeof options.now === "function" ? options.now() : options.now;
  const { nonce } = options;
  return {
    key: identity.did ?? encodeDidKey(identity.publicKey),
    from: identity.id,
    timestamp: formatTimestamp(nowMs),
    nonce: typeof nonce === "string" ? () => nonce : (nonce ?? (() => encodeBase64Url(randomBytes(16)))),
    id: options.id ?? createUuidV7(() => nowMs, randomBytes),
  };
}

function prepare<Payload>(draft: EnvelopeDraft<Payload>, stamp: Stamp): Prepared<Payload> {
  // The members stand in the order of canonical JSON, which saves sorting them.
  const unsigned: UnsignedEnvelope<Payload> = {
    auth: { key: stamp.key },
    from: draft.from ?? stamp.from,
    id: draft.id ?? stamp.id(),
    nonce: stamp.nonce(),
    payload: draft.payload,
    ...(draft.plan_id !== undefined && { plan_id: draft.plan_id }),
    protocol: KLP_VERSION,
    ...(draft.reply_to !== undefined && { reply_to: draft.reply_to }),
    ...(draft.task_id !== undefined && { task_id: draft.task_id }),
    timestamp: stamp.timestamp,
    to: draft.to,
    ...(draft.trace !== undefined && { trace: draft.trace }),
    ttl_s: draft.ttl_s ?? DEFAULT_TTL_S,
    type: draft.type,
  };
  let canonical: string;
  try {
    readUnsignedEnvelope(unsigned);
    canonical = sealableJson(unsigned);
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
