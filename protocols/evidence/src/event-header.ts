// The header of an event: its fields, the exact bytes that are hashed and its leaf hash. It knows no storage; payloads lie apart.

import { type HashText, isHashText, KosError, sha256 } from "@kos/klp";

/** As it stands in the log. `prev` is the leaf hash of the same plan's previous header, null for its first. */
export interface EventHeader {
  readonly v: 1;
  readonly type: string;
  readonly tenant: string;
  readonly partition: number;
  readonly plan_id: string;
  readonly plan_seq: number;
  readonly prev: HashText | null;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** `hmac-sha256:<hex>`, see payload-commitment.ts. */
  readonly payload_commitment: string;
}

const FIELDS = ["at", "partition", "payload_commitment", "plan_id", "plan_seq", "prev", "tenant", "type", "v"] as const;
const COMMITMENT = /^hmac-sha256:[0-9a-f]{64}$/;
/** Printable ASCII without quote and backslash stands in JSON as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The bytes of a header as text (UTF-8): RFC 8785 canonical JSON, written by a template because it is made for every event.
 * @throws KosError BAD_REQUEST for a lone surrogate or a number that is no whole number.
 */
export function eventHeaderText(header: EventHeader): string {
  const prev = header.prev === null ? "null" : `"${header.prev}"`;
  return `{"at":${quote(header.at)},"partition":${whole(header.partition)},"payload_commitment":"${header.payload_commitment}","plan_id":${quote(
    header.plan_id,
  )},"plan_seq":${whole(header.plan_seq)},"prev":${prev},"tenant":${quote(header.tenant)},"type":${quote(header.type)},"v":1}`;
}

/** Reads a header back. @throws KosError BAD_REQUEST unless the text is exactly what `eventHeaderText` writes. */
export function parseEventHeader(text: string): EventHeader {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KosError("BAD_REQUEST", "The header of the event is not JSON.", { cause });
  }
  const header = eventHeader(value);
  if (eventHeaderText(header) !== text) throw new KosError("BAD_REQUEST", "The header of the event is not in its canonical form.");
  return header;
}

/** Checks the shape of a header that is already parsed. @throws KosError BAD_REQUEST that names the field. */
export function eventHeader(value: unknown): EventHeader {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("is not an object");
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields))
    if (!(FIELDS as readonly string[]).includes(name)) refuse(`has an unknown field ${JSON.stringify(name)}`);
  if (fields["v"] !== 1) refuse("has a version that is not known here");
  for (const name of ["at", "plan_id", "tenant", "type"])
    if (typeof fields[name] !== "string" || fields[name] === "") refuse(`lacks the text ${name}`);
  if (!isWhole(fields["partition"])) refuse("has no whole number as partition");
  if (!isWhole(fields["plan_seq"]) || fields["plan_seq"] === 0) refuse("has no plan_seq from 1 on");
  if (fields["prev"] !== null && !isHashText(fields["prev"])) refuse("has a prev that is neither a hash nor null");
  if (!isCommitment(fields["payload_commitment"])) refuse("has no payload_commitment of the form hmac-sha256:<hex>");
  return fields as unknown as EventHeader;
}

/** The RFC 6962 leaf hash of a header: SHA-256(0x00 || bytes). It stands for the event in the tree and in the next event's `prev`. */
export function eventLeafHash(headerText: string): Uint8Array {
  return sha256(`\u0000${headerText}`);
}

export function isCommitment(value: unknown): value is string {
  return typeof value === "string" && COMMITMENT.test(value);
}

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) refuse("holds a lone surrogate");
  return JSON.stringify(text);
}

function whole(value: number): number {
  if (!isWhole(value)) refuse(`holds ${value} where a whole number belongs`);
  return value;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

function refuse(finding: string): never {
  throw new KosError("BAD_REQUEST", `The header of the event ${finding}.`);
}
