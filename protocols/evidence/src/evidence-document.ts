// The document in `run.kos.json`: its fields and their shape. Whether it is true is for verify-evidence.ts.

import type { HashText, SignatureText } from "@kos/klp";
import { decodeBase64Url, isDidKey, isHashText, parseSignature, parseTimestamp } from "@kos/klp";
import { type EventHeader, eventHeader } from "./event-header.ts";
import { parseSalt } from "./payload-commitment.ts";
import type { TreeHead } from "./tree-head.ts";

export const EVIDENCE_FORMAT = "kos-evidence/1.0";
/** An event of this type closes a plan: nothing that follows changes what came out of it. */
export const CLOSING_EVENT = "plan.finished";

export interface EvidenceEvent {
  /** Place in the log, from 0. */
  readonly position: number;
  readonly header: EventHeader;
  /** As first written; null when it has been forgotten. */
  readonly payload: string | null;
  /** base64url of 16 bytes; null with the payload. */
  readonly salt: string | null;
}

/** A message that an event's payload names as `envelope_hash`. */
export interface EvidenceMessage {
  readonly plan_seq: number;
  readonly hash: HashText;
  /** The envelope's canonical JSON, where it was put in. */
  readonly envelope: string | null;
}

/** Bytes that an event's payload names as `{hash, bytes, media_type}`: an artifact or, without a name, a large value. */
export interface EvidenceArtifact {
  readonly plan_seq: number;
  readonly name: string | null;
  readonly media_type: string;
  readonly bytes: number;
  readonly hash: HashText;
  /** base64url, where the bytes were put in. */
  readonly content: string | null;
}

/** Short digests of the items: they say which one a changed byte is in. What they hold is held by the signature, not by them. */
export interface EvidenceIndex {
  readonly fields: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** Of the two above. */
  readonly self: string;
}

export interface EvidenceDocument {
  readonly format: typeof EVIDENCE_FORMAT;
  /** did:key of the node; its key made every signature in here. */
  readonly node: string;
  readonly created_at: string;
  readonly partition: number;
  readonly plan_id: string;
  /** Of the last event the plan had when the head was signed. */
  readonly plan_last_seq: number;
  /** Whether the plan had ended. */
  readonly closed: boolean;
  readonly head: TreeHead;
  /** The multi-proof: hashes as base64url, left to right. */
  readonly proof: readonly string[];
  readonly events: readonly EvidenceEvent[];
  readonly messages: readonly EvidenceMessage[];
  readonly artifacts: readonly EvidenceArtifact[];
  readonly index: EvidenceIndex;
  /** Over the whole document without this member. */
  readonly signature: SignatureText;
}

/** The fields that the index holds a digest of each. */
export const INDEXED_FIELDS = [
  "artifacts",
  "closed",
  "created_at",
  "format",
  "head",
  "messages",
  "node",
  "partition",
  "plan_id",
  "plan_last_seq",
  "proof",
] as const satisfies readonly (keyof EvidenceDocument)[];

export interface ShapeProblem {
  /** `events/3/salt`. */
  readonly item: string;
  readonly finding: string;
}

/** The document, or the first place where it has not the shape of one. */
export function readEvidenceDocument(value: unknown): { readonly document: EvidenceDocument } | { readonly problem: ShapeProblem } {
  try {
    checkDocument(value);
    return { document: value as EvidenceDocument };
  } catch (error) {
    if (error instanceof Misshapen) return { problem: { item: error.item, finding: error.message } };
    throw error;
  }
}

class Misshapen extends Error {
  readonly item: string;

  constructor(item: string, finding: string) {
    super(finding);
    this.item = item;
  }
}

type Check = (value: unknown, item: string) => void;

const whole = rule("a whole number", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const text = rule("a text", (value) => typeof value === "string");
const hash = rule("a hash, sha256:<hex>", isHashText);
const signature = rule("a signature, ed25519:<base64url>", (value) => parseSignature(value) !== undefined);
const digest = rule(
  "a digest of 16 characters of base64url",
  (value) => typeof value === "string" && value.length === 16 && decodeBase64Url(value) !== undefined,
);
const node = rule("a hash in base64url", (value) => typeof value === "string" && decodeBase64Url(value)?.length === 32);
const bytes = rule("base64url", (value) => typeof value === "string" && decodeBase64Url(value) !== undefined);
const salt = rule("a salt, 16 bytes in base64url", (value) => typeof value === "string" && parseSalt(value) !== undefined);

const checkHead = fields({ log_id: hash, size: whole, root: hash, signature });
const checkEvent = fields({ position: whole, header: checkHeader, payload: orNull(text), salt: orNull(salt) });
const checkMessage = fields({ plan_seq: whole, hash, envelope: orNull(text) });
const checkArtifact = fields({ plan_seq: whole, name: orNull(text), media_type: text, bytes: whole, hash, content: orNull(bytes) });
const checkIndex = fields({
  fields: fields(Object.fromEntries(INDEXED_FIELDS.map((name) => [name, digest]))),
  events: list(digest),
  self: digest,
});
const checkFields = fields({
  format: rule(`"${EVIDENCE_FORMAT}", the format known here`, (value) => value === EVIDENCE_FORMAT),
  node: rule("the did:key of a node", isDidKey),
  created_at: rule("a time, RFC 3339 UTC", (value) => parseTimestamp(value) !== undefined),
  partition: whole,
  plan_id: text,
  plan_last_seq: whole,
  closed: rule("true or false", (value) => typeof value === "boolean"),
  head: checkHead,
  proof: list(node),
  events: list(checkEvent),
  messages: list(checkMessage),
  artifacts: list(checkArtifact),
  index: checkIndex,
  signature,
});

function checkDocument(value: unknown): void {
  checkFields(value, "");
}

function checkHeader(value: unknown, item: string): void {
  try {
    eventHeader(value);
  } catch (error) {
    throw new Misshapen(item, error instanceof Error ? error.message : String(error));
  }
}

function rule(expected: string, holds: (value: unknown) => boolean): Check {
  return (value, item) => {
    if (!holds(value)) throw new Misshapen(item, `${item || "The file"} is not ${expected}.`);
  };
}

function orNull(check: Check): Check {
  return (value, item) => {
    if (value !== null) check(value, item);
  };
}

function list(check: Check): Check {
  return (value, item) => {
    if (!Array.isArray(value)) throw new Misshapen(item, `${item} is not a list.`);
    for (const [index, entry] of value.entries()) check(entry, `${item}/${index}`);
  };
}

function fields(checks: Readonly<Record<string, Check>>): Check {
  return (value, item) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Misshapen(item, `${item || "The file"} is not an object.`);
    const prefix = item === "" ? "" : `${item}/`;
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(checks, name)) throw new Misshapen(prefix + name, `${prefix}${name} is not a field that is known here.`);
    }
    for (const [name, check] of Object.entries(checks)) {
      if (!Object.hasOwn(value, name)) throw new Misshapen(prefix + name, `${prefix}${name} is missing.`);
      check((value as Record<string, unknown>)[name], prefix + name);
    }
  };
}
