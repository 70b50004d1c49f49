/**
 * Opening: every check between received bytes and a message that may be acted on, in the one order that SPEC.md gives.
 * It owns no registry and no memory: keys and replays are asked of what the context holds.
 */

import { verifySignature } from "#crypto";
import { envelopeLeafHash, verifyBatchRoot } from "./batch-signature.ts";
import { canonicalJsonWithin } from "./canonical-json.ts";
import { decodeDidKey, isDidKey } from "./did-key.ts";
import {
  canonicalUnsigned,
  DEFAULT_MAX_ENVELOPE_BYTES,
  type Envelope,
  isMessageType,
  KLP_VERSION,
  replayMark,
  signedText,
  type UnsignedEnvelope,
  WINDOW_MS,
} from "./envelope.ts";
import { readEnvelope } from "./envelope-shape.ts";
import { isKosError, KosError } from "./errors.ts";
import { isHashText, parseHash } from "./hash-text.ts";
import { type DidKey, type NodeDid, parseAgentId } from "./ids.ts";
import { rootFromPath } from "./merkle-proof.ts";
import type { ReplayGuard } from "./replay-guard.ts";
import { parseSignature } from "./signature-text.ts";
import { DEFAULT_MAX_DEPTH, parseStrict } from "./strict-json.ts";

/** What a node knows of a key: whether it may sign now, and for which id. */
export type KeyRecord =
  | { readonly status: "active"; readonly id: string }
  | { readonly status: "revoked"; readonly id?: string }
  | { readonly status: "unknown" };

export interface OpenContext {
  /** Unix time in milliseconds, or where to read it. */
  readonly now: number | (() => number);
  /**
   * Addresses this receiver answers to. An agent id covers its role (`role:<kClass>`), `broadcast`, and the id with this node's did;
   * topics and anything else are listed as they stand in `to`.
   */
  readonly self: readonly string[];
  /** The did of the receiving node. With it, a sender on another node has to name this node in `to`. */
  readonly node?: NodeDid;
  /** Answers from what is registered; a key is never taken on first sight. An expired card counts as revoked. */
  readonly lookupKey: (key: DidKey, from: string) => KeyRecord;
  /** Asked last. A session, a window in memory or a durable guard. */
  readonly replay: ReplayGuard;
  /** Largest envelope in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
}

const encoder = new TextEncoder();

/**
 * Opens one envelope, from the bytes as received or from a value that was parsed strictly before.
 * @throws KosError, for the first of these that applies: TOO_LARGE, BAD_ENVELOPE, VERSION_UNSUPPORTED, EXPIRED, NOT_ADDRESSEE,
 * IDENTITY_UNKNOWN, IDENTITY_REVOKED, IDENTITY_MISMATCH, SIGNATURE_INVALID, UNKNOWN_TYPE, REPLAYED.
 */
export function openEnvelope(received: unknown, context: OpenContext): Envelope {
  const maxBytes = context.maxBytes ?? DEFAULT_MAX_ENVELOPE_BYTES;
  const value = received instanceof Uint8Array ? parseStrict(received, { maxBytes }) : checkParsed(received, maxBytes);
  const envelope = readEnvelope(value);
  judge(envelope, context, () => isProofGood(envelope));
  return envelope;
}

/** The checks after the shape, in order. `isSignatureGood` is asked only when its turn comes. */
export function judge(envelope: UnsignedEnvelope, context: OpenContext, isSignatureGood: () => boolean): void {
  if (envelope.protocol !== KLP_VERSION) {
    throw new KosError("VERSION_UNSUPPORTED", `This side speaks ${KLP_VERSION} only. Update the older side.`, {
      details: { supported: [KLP_VERSION] },
    });
  }
  checkTime(envelope, typeof context.now === "function" ? context.now() : context.now);
  if (!isAddressedTo(envelope, context)) {
    throw new KosError("NOT_ADDRESSEE", "The message is not addressed to this receiver. Send it to the agent and node it names.");
  }
  checkKey(envelope, context);
  if (!isSignatureGood()) {
    throw new KosError(
      "SIGNATURE_INVALID",
      "The proof does not fit the message and its key. Seal the message again; if it recurs, look for a change on the way.",
    );
  }
  if (!isMessageType(envelope.type)) {
    throw new KosError("UNKNOWN_TYPE", `Messages of type ${envelope.type} are not known here. Update the older side.`);
  }
  if (!context.replay.claim(replayMark(envelope))) {
    throw new KosError("REPLAYED", "A message with this nonce was already received. Seal a new message.");
  }
}

/** A value parsed elsewhere has lost its bytes; what can still be checked is that it is JSON, and its size. */
function checkParsed(received: unknown, maxBytes: number): unknown {
  let text: string;
  try {
    text = canonicalJsonWithin(received, DEFAULT_MAX_DEPTH);
  } catch (cause) {
    throw isKosError(cause) ? new KosError("BAD_ENVELOPE", cause.message, { cause }) : cause;
  }
  const size = text.length * 3 > maxBytes ? encoder.encode(text).length : 0;
  if (size > maxBytes) throw new KosError("TOO_LARGE", `The envelope has ${size} bytes; at most ${maxBytes} are read here.`);
  return received;
}

function checkTime(envelope: UnsignedEnvelope, nowMs: number): void {
  const sentMs = Date.parse(envelope.timestamp);
  if (Math.abs(nowMs - sentMs) > WINDOW_MS) {
    throw new KosError("EXPIRED", "The timestamp is more than 300 seconds from this clock. Check both clocks and seal the message again.");
  }
  if (nowMs > sentMs + envelope.ttl_s * 1000) {
    throw new KosError("EXPIRED", `The message lived ${envelope.ttl_s} seconds and is over. Seal it again.`);
  }
}

function isAddressedTo(envelope: UnsignedEnvelope, context: OpenContext): boolean {
  const { to } = envelope;
  const { node } = context;
  // A message of another node must name this one, or it could be carried on to a third with the same agents.
  if (node !== undefined && isFromElsewhere(envelope.from, node) && to !== node && !to.endsWith(`@${node}`)) return false;
  return context.self.some((address) => {
    if (withoutNode(to, node) === withoutNode(address, node)) return true;
    const colon = address.indexOf(":");
    if (!address.startsWith("k") || colon < 0) return false;
    return to === "broadcast" || (to.startsWith("role:") && to.slice(5) === address.slice(0, colon));
  });
}

/** An id of this node as it is written within the node. */
function withoutNode(id: string, node: NodeDid | undefined): string {
  return node !== undefined && id.endsWith(`@${node}`) ? id.slice(0, -node.length - 1) : id;
}

function isFromElsewhere(from: string, node: NodeDid): boolean {
  if (isDidKey(from)) return from !== node;
  const home = parseAgentId(from).node;
  return home !== undefined && home !== node;
}

function checkKey(envelope: UnsignedEnvelope, context: OpenContext): void {
  const { from } = envelope;
  const { key } = envelope.auth;
  const record = context.lookupKey(key, from);
  switch (record.status) {
    case "unknown":
      throw new KosError("IDENTITY_UNKNOWN", "The key of the message is not known here. Pair its agent with this node first.");
    case "revoked":
      throw new KosError("IDENTITY_REVOKED", "The key of the message was revoked or has expired. Have its node issue a new card.");
    case "active":
      break;
  }
  const isBound = withoutNode(record.id, context.node) === withoutNode(from, context.node);
  if (!isBound || (isDidKey(from) && from !== key)) {
    throw new KosError("IDENTITY_MISMATCH", `The key is not bound to ${from}. Send under the id that the key belongs to.`);
  }
}

function isProofGood(envelope: Envelope): boolean {
  const { key, proof } = envelope.auth;
  const publicKey = decodeDidKey(key);
  if (publicKey === undefined) return false;
  const canonical = canonicalUnsigned(envelope);
  switch (proof.kind) {
    case "ed25519": {
      const signature = parseSignature(proof.signature);
      return signature !== undefined && verifySignature(publicKey, encoder.encode(signedText(envelope.type, canonical)), signature);
    }
    case "ed25519-batch": {
      if (!proof.path.every(isHashText)) return false;
      const root = rootFromPath(envelopeLeafHash(envelope.type, canonical), proof.index, proof.size, proof.path.map(parseHash));
      return root !== undefined && verifyBatchRoot(proof.size, root, publicKey, proof.root_signature);
    }
    default:
      return false; // Any other algorithm: there is no fallback.
  }
}
