// The checks on a document that is in form, each by itself: none relies on another having passed. They name items; they never throw.

import { decodeBase64Url, formatHash, hashText, parseHash, verifyMultiProof } from "@kos/klp";
import { eventHeaderText, eventLeafHash } from "./event-header.ts";
import { CLOSING_EVENT, type EvidenceArtifact, type EvidenceDocument, type EvidenceEvent } from "./evidence-document.ts";
import { type Finding, passed, wrong } from "./evidence-report.ts";
import { parseSalt, payloadCommitment } from "./payload-commitment.ts";
import { findReferences } from "./payload-references.ts";

export function checkSequence({ events, plan_id, partition, plan_last_seq }: EvidenceDocument): Finding {
  const items: string[] = [];
  let seq = 0;
  let position = -1;
  for (const [place, { header, position: next }] of events.entries()) {
    if (header.plan_seq !== seq + 1) items.push(`events/${place}/header/plan_seq`);
    if (header.plan_id !== plan_id) items.push(`events/${place}/header/plan_id`);
    if (header.partition !== partition) items.push(`events/${place}/header/partition`);
    if (next <= position) items.push(`events/${place}/position`);
    seq = header.plan_seq;
    position = next;
  }
  if (events.length === 0) items.push("events");
  if (seq !== plan_last_seq) items.push("plan_last_seq");
  if (items.length > 0) return wrong("An event is missing, repeated, out of order or of another run.", items);
  return passed(`${events.length} events, 1 to ${seq}.`);
}

/**
 * A changed header breaks the link after it; a changed link is part of a header, so it breaks itself and the next. One broken link thus speaks of
 * the event before it, and several in a row of the events between them. At the very end both are possible, and `changed`, what the index says, decides.
 */
export function checkChain(events: readonly EvidenceEvent[], leaves: readonly Uint8Array[], changed: readonly string[]): Finding {
  const isBroken = (place: number) => {
    const before = leaves[place - 1];
    return events[place]?.header.prev !== (before === undefined ? null : formatHash(before));
  };
  const items: string[] = [];
  for (let place = 0; place < events.length; place++) {
    if (!isBroken(place)) continue;
    const first = place;
    while (place + 1 < events.length && isBroken(place + 1)) place++;
    for (let event = first; event < place; event++) items.push(`events/${event}/header`);
    if (first < place) continue;
    const isLast = first === events.length - 1;
    if (first > 0 && !(isLast && changed.includes(`events/${first}`))) items.push(`events/${first - 1}/header`);
    if (isLast && !changed.includes(`events/${first - 1}`)) items.push(`events/${first}/header/prev`);
  }
  return items.length === 0
    ? passed("The chain is whole.")
    : wrong("The chain is broken: an event or its link was changed, or one was left out.", items);
}

export function checkInclusion({ head, events, proof }: EvidenceDocument, leaves: readonly Uint8Array[]): Finding {
  const byPosition = new Map(events.map((event, place) => [event.position, leaves[place] as Uint8Array]));
  const nodes = proof.map((node) => decodeBase64Url(node) ?? new Uint8Array());
  if (byPosition.size === events.length && verifyMultiProof(byPosition, head.size, nodes, parseHash(head.root))) {
    return passed(`All of them, among the ${head.size} events of the log.`);
  }
  // A root is one value: that it does not come out says that something is wrong, and the other checks say what.
  return wrong("The events and the proof do not lead to the signed root: an event, a position, the proof or the head was changed.", []);
}

export function checkPayloads(events: readonly EvidenceEvent[]): Finding {
  const items: string[] = [];
  let removed = 0;
  for (const [place, { header, payload, salt }] of events.entries()) {
    if (payload === null && salt === null) {
      removed++;
      continue;
    }
    const bytes = salt === null ? undefined : parseSalt(salt);
    if (payload === null || bytes === undefined || payloadCommitment(bytes, payload) !== header.payload_commitment)
      items.push(`events/${place}/payload`);
  }
  if (items.length > 0) return wrong("A payload, its salt or the commitment was changed.", items);
  return passed(
    removed === 0
      ? "All of them."
      : `${events.length - removed} of them; of ${removed} the payload was removed, and only its place is proven.`,
  );
}

export function checkMessages({ events, messages }: EvidenceDocument): Finding {
  const items: string[] = [];
  const named = bySeq(events, (payload) => findReferences(payload).messages);
  let embedded = 0;
  for (const [place, { plan_seq: seq, hash, envelope }] of messages.entries()) {
    if (!named.has(seq)) items.push(`messages/${place}/plan_seq`);
    else if (named.get(seq)?.includes(hash) === false) items.push(`messages/${place}/hash`);
    if (envelope === null) continue;
    embedded++;
    if (hashText(envelope) !== hash) items.push(`messages/${place}/envelope`);
  }
  const listed = new Set(messages.map(({ plan_seq: seq, hash }) => `${seq} ${hash}`));
  for (const [seq, hashes] of named) if (hashes?.some((hash) => !listed.has(`${seq} ${hash}`))) items.push("messages");
  if (items.length > 0) return wrong("The list of messages is not what the events name, or a message is not the one of its hash.", items);
  return passed(`${messages.length} messages${embedded === 0 ? "" : `, ${embedded} of them in the file`}.`);
}

/** `content` gives the bytes of a hash where the caller has them. */
export function checkArtifacts({ events, artifacts }: EvidenceDocument, content: (hash: string) => Uint8Array | undefined): Finding {
  const items: string[] = [];
  const named = bySeq(events, (payload) => findReferences(payload).artifacts.map(keyOf));
  let compared = 0;
  for (const [place, artifact] of artifacts.entries()) {
    if (!named.has(artifact.plan_seq)) items.push(`artifacts/${place}/plan_seq`);
    else if (named.get(artifact.plan_seq)?.includes(keyOf(artifact)) === false) items.push(`artifacts/${place}`);
    const bytes = artifact.content === null ? content(artifact.hash) : decodeBase64Url(artifact.content);
    if (bytes === undefined) continue;
    compared++;
    if (bytes.length !== artifact.bytes || hashText(bytes) !== artifact.hash) items.push(`artifacts/${place}/content`);
  }
  const listed = new Set(artifacts.map((artifact) => `${artifact.plan_seq} ${keyOf(artifact)}`));
  for (const [seq, keys] of named) if (keys?.some((key) => !listed.has(`${seq} ${key}`))) items.push("artifacts");
  if (items.length > 0) return wrong("The list of artifacts is not what the events name, or bytes are not those of their hash.", items);
  return passed(`${artifacts.length} artifacts; the bytes of ${compared} were at hand and have their hash.`);
}

export function checkClosed({ events, closed }: EvidenceDocument): Finding {
  const end = events.findIndex((event) => event.header.type === CLOSING_EVENT);
  if (end >= 0 !== closed) return wrong("The file says of the run's end what its events do not.", ["closed"]);
  if (!closed) return passed("Not proven: the run had not finished when this was exported. What came after is not in it.");
  const after = events.length - 1 - end;
  return passed(`It ended with event ${end + 1}${after === 0 ? "." : `; ${after} notes were recorded after its end.`}`);
}

export function leafHashes(events: readonly EvidenceEvent[]): Uint8Array[] {
  return events.map((event) => eventLeafHash(eventHeaderText(event.header)));
}

/** By plan_seq; undefined where the payload was removed, so that nothing can be compared. */
function bySeq<Named>(
  events: readonly EvidenceEvent[],
  find: (payload: string) => readonly Named[],
): Map<number, readonly Named[] | undefined> {
  return new Map(events.map(({ header, payload }) => [header.plan_seq, payload === null ? undefined : find(payload)]));
}

function keyOf({ hash, name, media_type, bytes }: Pick<EvidenceArtifact, "hash" | "name" | "media_type" | "bytes">): string {
  return JSON.stringify([hash, name, media_type, bytes]);
}
