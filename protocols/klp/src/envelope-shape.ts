/** The shape of an envelope: which members it has and what each may hold. It judges neither version, time, address, key nor signature. */

import { isDidKey } from "./did-key.ts";
import { type Envelope, MAX_TTL_S, type UnsignedEnvelope } from "./envelope.ts";
import { KosError } from "./errors.ts";
import { isAgentId } from "./ids.ts";
import { parseTimestamp } from "./timestamp.ts";

const MEMBERS: ReadonlySet<string> = new Set([
  "protocol",
  "id",
  "type",
  "from",
  "to",
  "task_id",
  "plan_id",
  "reply_to",
  "trace",
  "timestamp",
  "ttl_s",
  "nonce",
  "payload",
  "auth",
]);
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._:/[\]-]{0,159}$/;
const TYPE = /^[A-Z][A-Z0-9_]{0,63}$/;
const PROTOCOL = /^[a-z]{1,16}\/[0-9]{1,4}\.[0-9]{1,4}$/;
const NONCE = /^[A-Za-z0-9._:-]{1,128}$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const GROUP = /^(?:broadcast|role:k[A-Z][A-Za-z0-9]{0,31}|topic:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/;

/** Accepts an envelope with its proof. @throws KosError BAD_ENVELOPE naming the member. */
export function readEnvelope(value: unknown): Envelope {
  const envelope = readMembers(value);
  const auth = readAuth(envelope["auth"], ["key", "proof"]);
  checkProof(auth["proof"]);
  return envelope as unknown as Envelope;
}

/** Accepts an envelope within a batch frame, whose proof is the frame's. @throws KosError BAD_ENVELOPE naming the member. */
export function readUnsignedEnvelope(value: unknown): UnsignedEnvelope {
  const envelope = readMembers(value);
  readAuth(envelope["auth"], ["key"]);
  return envelope as unknown as UnsignedEnvelope;
}

/** Whether an address may stand in `to`. */
function isRecipient(value: unknown): value is string {
  return typeof value === "string" && value.length <= 256 && (isAgentId(value) || GROUP.test(value) || isDidKey(value));
}

function readMembers(value: unknown): Readonly<Record<string, unknown>> {
  const envelope = readObject(value, "envelope");
  for (const name of Object.keys(envelope)) if (!MEMBERS.has(name)) refuse(`unknown member "${name.slice(0, 64)}"`);
  expectMatch(envelope, "protocol", PROTOCOL, "klp/1.0");
  expectMatch(envelope, "id", TOKEN, "a UUIDv7");
  expectMatch(envelope, "type", TYPE, "an upper-case message type");
  expectMatch(envelope, "nonce", NONCE, "1 to 128 letters, digits, dots, colons, hyphens or underscores");
  if (!isAgentId(envelope["from"]) && !isDidKey(envelope["from"])) refuse('"from" must be an agent id (kClass:name) or a did:key');
  if (!isRecipient(envelope["to"])) refuse('"to" must be an agent id, role:<kClass>, topic:<dotted name>, broadcast or a did:key');
  for (const name of ["task_id", "plan_id", "reply_to"]) if (envelope[name] !== undefined) expectMatch(envelope, name, TOKEN, "an id");
  if (envelope["trace"] !== undefined) expectMatch(envelope, "trace", TRACEPARENT, "a W3C traceparent");
  if (parseTimestamp(envelope["timestamp"]) === undefined) refuse('"timestamp" must be RFC 3339 in UTC with a Z');
  const ttl = envelope["ttl_s"];
  if (!Number.isInteger(ttl) || (ttl as number) < 1 || (ttl as number) > MAX_TTL_S)
    refuse(`"ttl_s" must be a whole number from 1 to ${MAX_TTL_S}`);
  if (envelope["payload"] === undefined) refuse('"payload" is missing');
  return envelope;
}

function readAuth(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const auth = readObject(value, '"auth"');
  expectExactly(auth, '"auth"', names);
  if (!isDidKey(auth["key"])) refuse('"auth.key" must be the did:key of an Ed25519 key');
  return auth;
}

/** Only the frame of a proof is judged here: a signature that is no signature is a bad signature, not a bad envelope. */
function checkProof(value: unknown): void {
  const proof = readObject(value, '"auth.proof"');
  if (typeof proof["kind"] !== "string") refuse('"auth.proof.kind" must be ed25519 or ed25519-batch');
  if (proof["kind"] === "ed25519") expectExactly(proof, '"auth.proof"', ["kind", "signature"]);
  if (proof["kind"] !== "ed25519-batch") return;
  expectExactly(proof, '"auth.proof"', ["kind", "root_signature", "size", "index", "path"]);
  const { size, index, path } = proof as { readonly size: unknown; readonly index: unknown; readonly path: unknown };
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || (index as number) < 0 || (index as number) >= (size as number)) {
    refuse('"auth.proof" must have a size and an index below it');
  }
  if (!Array.isArray(path) || path.length > 53) refuse('"auth.proof.path" must be a list of at most 53 hashes');
}

function readObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(`${name} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

function expectExactly(object: Readonly<Record<string, unknown>>, name: string, members: readonly string[]): void {
  const found = Object.keys(object);
  if (found.length !== members.length || !members.every((member) => Object.hasOwn(object, member))) {
    refuse(`${name} must have exactly the members ${members.join(", ")}`);
  }
}

function expectMatch(object: Readonly<Record<string, unknown>>, name: string, pattern: RegExp, expected: string): void {
  const value = object[name];
  if (typeof value !== "string" || !pattern.test(value)) refuse(`"${name}" must be ${expected}`);
}

function refuse(finding: string): never {
  throw new KosError("BAD_ENVELOPE", `Not a KLP envelope: ${finding}.`);
}
