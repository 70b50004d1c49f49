// Writes a run's evidence: everything a stranger needs to check it with nothing but the node's public key. It reads through a narrow view of a log.

import { canonicalJson, encodeBase64Url, KosError, makeMultiProof, type NodeAt, type Signer, signDocument } from "@kos/klp";
import { type EventHeader, parseEventHeader } from "./event-header.ts";
import {
  CLOSING_EVENT,
  EVIDENCE_FORMAT,
  type EvidenceArtifact,
  type EvidenceDocument,
  type EvidenceEvent,
  type EvidenceMessage,
} from "./evidence-document.ts";
import { makeIndex } from "./evidence-index.ts";
import { findReferences } from "./payload-references.ts";
import type { TreeHead } from "./tree-head.ts";

/** What evidence needs of an event log. */
export interface EvidenceLog {
  head(partition: number, options: { readonly settle: boolean }): Promise<TreeHead | undefined>;
  readStream(query: {
    readonly partition: number;
    readonly plan_id: string;
    readonly from_seq: number;
    readonly limit: number;
  }): Promise<
    readonly { readonly position: number; readonly header: string; readonly payload: string | null; readonly salt: string | null }[]
  >;
  nodes(partition: number, places: readonly { readonly level: number; readonly index: number }[]): Promise<readonly Uint8Array[]>;
}

export interface EvidenceRequest {
  readonly log: EvidenceLog;
  /** did:key of the node, and its key. */
  readonly node: string;
  readonly signer: Signer;
  readonly partition: number;
  readonly planId: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** Bytes to put into the file, by hash; undefined leaves them out. Asked for until `MAX_EMBEDDED_BYTES` are in it, because it is read as a whole. */
  readonly content?: (artifact: { readonly hash: string; readonly bytes: number }) => Promise<Uint8Array | undefined>;
  /** Canonical JSON of an envelope to put in, by hash. */
  readonly envelope?: (hash: string) => Promise<string | undefined>;
}

/** Of all artifacts together. What is left out is still listed by its hash. */
const MAX_EMBEDDED_BYTES = 16 * 1024 * 1024;
const PAGE = 1000;
const encoder = new TextEncoder();

/** The bytes of `run.kos.json`. @throws KosError NOT_FOUND for a plan without events, and what the log throws. */
export async function buildEvidence(request: EvidenceRequest): Promise<Uint8Array> {
  const { log, partition, planId } = request;
  const head = await log.head(partition, { settle: true });
  const events = head === undefined ? [] : await readEvents(request, head.size);
  if (head === undefined || events.length === 0) throw new KosError("NOT_FOUND", `The log holds no event of ${planId}.`);
  const content = {
    format: EVIDENCE_FORMAT,
    node: request.node,
    created_at: request.createdAt,
    partition,
    plan_id: planId,
    plan_last_seq: events.length,
    closed: events.some((event) => event.header.type === CLOSING_EVENT),
    head,
    proof: await prove(log, partition, head.size, events),
    events,
    ...(await references(request, events)),
  } satisfies Omit<EvidenceDocument, "index" | "signature">;
  const unsigned = { ...content, index: makeIndex(content) };
  const document = { ...unsigned, signature: signDocument(EVIDENCE_FORMAT, unsigned, request.signer) };
  return encoder.encode(canonicalJson(document));
}

async function readEvents({ log, partition, planId }: EvidenceRequest, size: number): Promise<EvidenceEvent[]> {
  const events: EvidenceEvent[] = [];
  for (;;) {
    const page = await log.readStream({ partition, plan_id: planId, from_seq: events.length + 1, limit: PAGE });
    for (const { position, header, payload, salt } of page) {
      // Written after the head was signed: not in this evidence.
      if (position >= size) return events;
      events.push({ position, header: parseEventHeader(header), payload, salt });
    }
    if (page.length < PAGE) return events;
  }
}

async function prove(log: EvidenceLog, partition: number, size: number, events: readonly EvidenceEvent[]): Promise<string[]> {
  const positions = events.map((event) => event.position);
  const places: { level: number; index: number }[] = [];
  // Once to learn which nodes the proof needs, and once with them: the log is asked one time, the proof itself is synchronous.
  const placeholder = new Uint8Array(32);
  makeMultiProof(positions, size, (level, index) => {
    places.push({ level, index });
    return placeholder;
  });
  const found = await log.nodes(partition, places);
  let next = 0;
  const nodeAt: NodeAt = () => found[next++] ?? placeholder;
  return makeMultiProof(positions, size, nodeAt).map(encodeBase64Url);
}

async function references(
  request: EvidenceRequest,
  events: readonly { readonly header: EventHeader; readonly payload: string | null }[],
): Promise<{ messages: EvidenceMessage[]; artifacts: EvidenceArtifact[] }> {
  const messages: EvidenceMessage[] = [];
  const artifacts: EvidenceArtifact[] = [];
  let room = MAX_EMBEDDED_BYTES;
  for (const { header, payload } of events) {
    if (payload === null) continue;
    const named = findReferences(payload);
    for (const hash of named.messages)
      messages.push({ plan_seq: header.plan_seq, hash, envelope: (await request.envelope?.(hash)) ?? null });
    for (const artifact of named.artifacts) {
      const bytes = artifact.bytes > room ? undefined : await request.content?.(artifact);
      room -= bytes?.length ?? 0;
      artifacts.push({ plan_seq: header.plan_seq, ...artifact, content: bytes === undefined ? null : encodeBase64Url(bytes) });
    }
  }
  return { messages, artifacts };
}
