// Short digests of the items of an evidence document, so that a verifier can name the item in which something was changed.

import { canonicalJson, encodeBase64Url, sha256 } from "@kos/klp";
import { type EvidenceDocument, type EvidenceIndex, INDEXED_FIELDS } from "./evidence-document.ts";

/** 96 bits: enough to tell which item was changed; that nothing was is for the signature to say. */
const DIGEST_BYTES = 12;

export function makeIndex(document: Omit<EvidenceDocument, "index" | "signature">): EvidenceIndex {
  const fields = Object.fromEntries(INDEXED_FIELDS.map((name) => [name, digestOf(document[name])]));
  const events = document.events.map(digestOf);
  return { fields, events, self: digestOf({ fields, events }) };
}

/** Items whose digest is not the one that the document lists, and entries of the index that are themselves wrong. */
export function findChangedItems(document: EvidenceDocument): string[] {
  const { index } = document;
  const actual = makeIndex(document);
  // Where the index as a whole still fits its own digest, an entry that differs speaks of a changed item; else the entry is what was changed.
  const prefix = digestOf({ fields: index.fields, events: index.events }) === index.self ? "" : "index/";
  const changed: string[] = [];
  for (const name of INDEXED_FIELDS)
    if (actual.fields[name] !== index.fields[name]) changed.push(prefix === "" ? name : `index/fields/${name}`);
  for (let place = 0; place < Math.max(actual.events.length, index.events.length); place++) {
    if (actual.events[place] !== index.events[place]) changed.push(`${prefix}events/${place}`);
  }
  if (prefix !== "" && changed.length === 0) changed.push("index/self");
  return changed;
}

function digestOf(value: unknown): string {
  return encodeBase64Url(sha256(canonicalJson(value)).subarray(0, DIGEST_BYTES));
}
