// Checks a run's evidence offline, trusting nothing but the node's public key, and names what is wrong. It never throws on bad input.

import { canonicalJson, decodeDidKey, encodeDidKey, verifyDocument } from "@kos/klp";
import {
  checkArtifacts,
  checkChain,
  checkClosed,
  checkInclusion,
  checkMessages,
  checkPayloads,
  checkSequence,
  leafHashes,
} from "./evidence-checks.ts";
import { EVIDENCE_FORMAT, type EvidenceDocument, readEvidenceDocument } from "./evidence-document.ts";
import { findChangedItems } from "./evidence-index.ts";
import { type EvidenceCheckId, type EvidenceReport, type Finding, passed, reportOf, wrong } from "./evidence-report.ts";
import { itemAt, readJson } from "./locate-byte.ts";
import { logId, verifyTreeHead } from "./tree-head.ts";

export interface VerifyEvidenceOptions {
  /** The node it must come from, by did:key or by public key. Without either the file's own word is taken, and the report says so. */
  readonly node?: string;
  readonly publicKey?: Uint8Array;
  /** Bytes of an artifact by hash, where the caller has them. */
  readonly content?: (hash: string) => Uint8Array | undefined;
}

const encoder = new TextEncoder();

export function verifyEvidence(bytes: Uint8Array, options: VerifyEvidenceOptions = {}): EvidenceReport {
  const read = readFile(bytes);
  if ("finding" in read) return reportOf(new Map([["form", read.finding]]), undefined);
  const { document } = read;
  const expected = options.node ?? (options.publicKey === undefined ? undefined : didOf(options.publicKey));
  // Shape was checked: the did holds a key.
  const publicKey = decodeDidKey(document.node) ?? new Uint8Array(32);
  const leaves = leafHashes(document.events);
  const changed = findChangedItems(document);
  const findings = new Map<EvidenceCheckId, Finding>([
    ["form", passed(`${bytes.length} bytes of ${EVIDENCE_FORMAT}.`)],
    ["node", checkNode(document, expected)],
    ["signature", checkSignature(document, publicKey, changed)],
    ["index", checkIndex(changed)],
    ["head", checkHead(document, publicKey)],
    ["sequence", checkSequence(document)],
    ["chain", checkChain(document.events, leaves, changed)],
    ["inclusion", checkInclusion(document, leaves)],
    ["payloads", checkPayloads(document.events)],
    ["messages", checkMessages(document)],
    ["artifacts", checkArtifacts(document, options.content ?? (() => undefined))],
    ["closed", checkClosed(document)],
  ]);
  return reportOf(findings, {
    node: document.node,
    nodeExpected: expected !== undefined,
    planId: document.plan_id,
    partition: document.partition,
    createdAt: document.created_at,
    closed: document.closed,
    events: document.events.length,
    payloadsRemoved: document.events.filter((event) => event.payload === null).length,
  });
}

/** The document, or what is wrong with the file and in which item. */
function readFile(bytes: Uint8Array): { readonly document: EvidenceDocument } | { readonly finding: Finding } {
  const json = readJson(bytes);
  if ("problem" in json) return { finding: wrong(json.problem, [json.item]) };
  const { value } = json;
  const read = readEvidenceDocument(value);
  if ("problem" in read) return { finding: wrong(read.problem.finding, [read.problem.item || "file"]) };
  const canonical = encoder.encode(canonicalJson(value));
  const difference = canonical.findIndex((byte, place) => byte !== bytes[place]);
  if (difference < 0 && canonical.length === bytes.length) return read;
  const at = difference < 0 ? canonical.length : difference;
  return { finding: wrong(`The file is not in its canonical form from byte ${at} on.`, [itemAt(bytes, at)]) };
}

function checkNode(document: EvidenceDocument, expected: string | undefined): Finding {
  if (expected === undefined)
    return passed(`It says ${document.node}. Compare this with the node you trust: nobody said which one it had to be.`);
  if (expected === document.node) return passed(`${expected}.`);
  return wrong(`It says ${document.node}, and ${expected} was expected.`, ["node"]);
}

function checkSignature(document: EvidenceDocument, publicKey: Uint8Array, changed: readonly string[]): Finding {
  if (verifyDocument(EVIDENCE_FORMAT, document, publicKey)) return passed("It fits.");
  // The index tells where; when all of it fits, what remains is the signature itself.
  return wrong("The file is not what the node signed.", changed.length === 0 ? ["signature"] : changed);
}

function checkIndex(changed: readonly string[]): Finding {
  return changed.length === 0 ? passed("All of them.") : wrong("An item was changed, added or left out.", changed);
}

function checkHead({ head, node, partition }: EvidenceDocument, publicKey: Uint8Array): Finding {
  if (head.log_id !== logId(node, partition)) return wrong("The head is of another log.", []);
  if (!verifyTreeHead(head, publicKey)) return wrong("The node did not sign this head.", []);
  return passed(`${head.size} events, ${head.root}.`);
}

function didOf(publicKey: Uint8Array): string {
  return publicKey.length === 32 ? encodeDidKey(publicKey) : "a key of another length";
}
