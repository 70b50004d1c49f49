/** The KLP envelope as it stands on the wire, and the bytes of it that are signed. Sealing and opening have their own files. */

import { canonicalJson } from "./canonical-json.ts";
import type { AgentId, DidKey } from "./ids.ts";
import type { ReplayMark } from "./replay-guard.ts";
import type { SignatureText } from "./signature-text.ts";

export const KLP_VERSION = "klp/1.0";

export const MESSAGE_TYPES = [
  "HELLO",
  "CHALLENGE",
  "PROOF",
  "WELCOME",
  "PING",
  "PONG",
  "CAPABILITY_ADVERTISE",
  "TASK_REQUEST",
  "TASK_PROGRESS",
  "TASK_RESULT",
  "TASK_ERROR",
  "TASK_CANCEL",
  "RESULT_ACK",
  "STATUS_UPDATE",
  "PLAN_REQUEST",
  "PLAN_GRAPH",
  "REVIEW_REQUEST",
  "REVIEW_VERDICT",
  "MEMORY_READ",
  "MEMORY_WRITE",
  "CONFIG_UPDATE",
  "SECURITY_ALERT",
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

const KNOWN_TYPES: ReadonlySet<string> = new Set(MESSAGE_TYPES);

export function isMessageType(value: unknown): value is MessageType {
  return typeof value === "string" && KNOWN_TYPES.has(value);
}

/** A signature over this envelope alone. */
export interface SingleProof {
  readonly kind: "ed25519";
  readonly signature: SignatureText;
}

/** A signature over the root of a batch, and the way from this envelope's leaf to that root (RFC 6962 order, lowest first). */
export interface BatchProof {
  readonly kind: "ed25519-batch";
  readonly root_signature: SignatureText;
  readonly size: number;
  readonly index: number;
  /** `sha256:<hex>` each. */
  readonly path: readonly string[];
}

export type Proof = SingleProof | BatchProof;

/** Everything but the proof; what the proof covers. */
export interface UnsignedEnvelope<Payload = unknown> {
  readonly protocol: typeof KLP_VERSION;
  /** UUIDv7 where this package makes it; a receiver takes any token of at most 160 characters. */
  readonly id: string;
  readonly type: MessageType;
  /** An agent id, or the did:key of a node that speaks for itself. */
  readonly from: AgentId | DidKey;
  /** An agent id, `role:<kClass>`, `topic:<dotted name>`, `broadcast` or a did:key. */
  readonly to: string;
  readonly task_id?: string;
  readonly plan_id?: string;
  /** The `id` of the message this one answers. */
  readonly reply_to?: string;
  /** W3C traceparent. */
  readonly trace?: string;
  /** RFC 3339 in UTC with a `Z`. */
  readonly timestamp: string;
  /** Seconds, 1 to 300. */
  readonly ttl_s: number;
  /** Random, or `<session id>.<counter>` within a session. */
  readonly nonce: string;
  readonly payload: Payload;
  readonly auth: { readonly key: DidKey };
}

export interface Envelope<Payload = unknown> extends UnsignedEnvelope<Payload> {
  readonly auth: { readonly key: DidKey; readonly proof: Proof };
}

/** Largest envelope in bytes of JSON. */
export const DEFAULT_MAX_ENVELOPE_BYTES = 1_048_576;
/** How far the clocks of sender and receiver may be apart, and the longest life of a message. */
export const WINDOW_MS = 300_000;
export const MAX_TTL_S = 300;

const encoder = new TextEncoder();

/** `klp/1.0:<type>` NUL canonical JSON: the text that a single proof signs and a batch leaf hashes, as UTF-8. */
export function signedText(type: string, canonicalUnsigned: string): string {
  return `${KLP_VERSION}:${type}\0${canonicalUnsigned}`;
}

/** The canonical JSON of an envelope without its proof. */
export function canonicalUnsigned(envelope: UnsignedEnvelope): string {
  return canonicalJson({ ...envelope, auth: { key: envelope.auth.key } });
}

/** An envelope as the bytes that travel. @throws KosError BAD_REQUEST when it holds what JSON cannot carry. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return encoder.encode(canonicalJson(envelope));
}

/** What a receiver has to remember of an accepted envelope, so that it is not accepted twice. */
export function replayMark(envelope: UnsignedEnvelope): ReplayMark {
  // A message can be accepted until one window after its timestamp; it is remembered for two.
  return { from: envelope.from, nonce: envelope.nonce, forgetAtMs: Date.parse(envelope.timestamp) + 2 * WINDOW_MS };
}
