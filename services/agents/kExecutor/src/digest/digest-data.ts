// The JSON of a folder's digest: every document, and what follows from all of them. It reads nothing and formats nothing.

import type Type from "typebox";
import type { MeasuredBy } from "../measured-by.ts";
import type { FsScanOutput } from "../scan/fs-scan.ts";
import type { DigestRecord } from "./digest-record.ts";
import type { DocCountOutput } from "./doc-count.ts";
import type { DocListOutput } from "./doc-list.ts";

type Scan = Type.Static<typeof FsScanOutput>;
export type DocList = Type.Static<typeof DocListOutput>;
type DocCount = Type.Static<typeof DocCountOutput>;

export type DocumentEntry = Omit<DigestRecord, "text_hash">;

interface Subject {
  readonly term: string;
  /** Positions in `documents`, from 0. */
  readonly documents: readonly number[];
}

export interface DigestData {
  readonly report: "folder-digest";
  readonly format: 1;
  readonly title: string;
  readonly root: string;
  readonly scanned_at: string;
  readonly repository: boolean;
  readonly filtered: boolean;
  readonly documents_total: number;
  readonly documents_read: number;
  readonly documents_failed: number;
  readonly bytes_total: number;
  readonly words_total: number;
  readonly by_format: Readonly<Record<string, number>>;
  /** Of the documents read. */
  readonly by_language: Readonly<Record<string, number>>;
  readonly documents: readonly DocumentEntry[];
  /** Keywords of two documents or more, those of most documents first. */
  readonly subjects: readonly Subject[];
  /** Documents of the same text. */
  readonly duplicates: readonly { readonly paths: readonly string[] }[];
  readonly files_total: number;
  readonly others_total: number;
  readonly others: DocList["others"];
  readonly unreadable: Scan["unreadable"];
  readonly unreadable_total: number;
  readonly notes: Scan["notes"];
  readonly provenance: Readonly<Record<string, Provenance>>;
}

interface Provenance extends MeasuredBy {
  readonly from?: readonly string[];
  readonly checked_by?: MeasuredBy & { readonly value: number; readonly agrees: boolean };
}

export interface DigestSources {
  readonly title: string;
  readonly scan: Scan;
  readonly list: DocList;
  readonly count?: DocCount | undefined;
  /** In order of path. */
  readonly records: readonly DigestRecord[];
  /** The tasks that read the documents. */
  readonly parts: readonly string[];
  readonly self: MeasuredBy;
}

const MOST_SUBJECTS = 500;

export function digestData({ title, scan, list, count, records, parts, self }: DigestSources): DigestData {
  const read = records.filter(({ error }) => error === undefined);
  return {
    report: "folder-digest",
    format: 1,
    title,
    root: scan.root,
    scanned_at: scan.scanned_at,
    repository: scan.repository,
    filtered: scan.filtered,
    documents_total: records.length,
    documents_read: read.length,
    documents_failed: records.length - read.length,
    bytes_total: list.bytes_total,
    words_total: read.reduce((sum, { words }) => sum + words, 0),
    by_format: counted(records.map(({ format }) => format)),
    by_language: counted(read.map(({ language }) => language)),
    documents: records.map(withoutHash),
    subjects: subjectsOf(records),
    duplicates: duplicatesOf(read),
    files_total: scan.files_total,
    others_total: list.others_total,
    others: list.others,
    unreadable: scan.unreadable,
    unreadable_total: scan.unreadable_total,
    notes: scan.notes,
    provenance: provenance({ scan, list, count, parts, self }),
  };
}

function counted(values: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)));
}

function withoutHash(record: DigestRecord): DocumentEntry {
  const entry: { text_hash?: string } & DocumentEntry = { ...record };
  delete entry.text_hash;
  return entry;
}

/** Keywords of different documents are one when they are spelled alike but for case. */
function subjectsOf(records: readonly DigestRecord[]): readonly Subject[] {
  const subjects = new Map<string, { term: string; weight: number; documents: number[] }>();
  for (const [position, { keywords }] of records.entries()) {
    for (const { term, weight } of keywords) {
      const key = term.toLowerCase();
      const known = subjects.get(key) ?? { term, weight: 0, documents: [] };
      subjects.set(key, known);
      if (known.documents.at(-1) !== position) known.documents.push(position);
      known.weight += weight;
    }
  }
  return [...subjects.values()]
    .filter(({ documents }) => documents.length > 1)
    .sort((one, other) => other.documents.length - one.documents.length || other.weight - one.weight || (one.term < other.term ? -1 : 1))
    .slice(0, MOST_SUBJECTS)
    .map(({ term, documents }) => ({ term, documents }));
}

function duplicatesOf(records: readonly DigestRecord[]): DigestData["duplicates"] {
  const byHash = new Map<string, string[]>();
  for (const { text_hash: hash, path } of records) if (hash !== undefined) byHash.set(hash, [...(byHash.get(hash) ?? []), path]);
  return [...byHash.values()].filter((paths) => paths.length > 1).map((paths) => ({ paths }));
}

function provenance({ scan, list, count, parts, self }: Omit<DigestSources, "title" | "records">): DigestData["provenance"] {
  const found: Provenance = { ...list.measured_by, from: [scan.measured_by.task] };
  const joined: Provenance = { ...self, from: parts };
  const checked =
    count?.comparable === true && !scan.filtered && !scan.repository
      ? { checked_by: { ...count.measured_by, value: count.documents, agrees: count.documents === list.documents_total } }
      : {};
  const fromParts = [
    "documents",
    "documents_read",
    "documents_failed",
    "words_total",
    "by_format",
    "by_language",
    "subjects",
    "duplicates",
  ];
  return {
    documents_total: { ...found, ...checked },
    bytes_total: found,
    others_total: found,
    others: found,
    files_total: scan.measured_by,
    unreadable: scan.measured_by,
    ...Object.fromEntries(fromParts.map((key) => [key, joined])),
  };
}
