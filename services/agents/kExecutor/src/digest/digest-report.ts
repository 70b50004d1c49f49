// The capability digest.report: joins the digests of a folder's documents into the text, facts and charts of a report, and its JSON.

import { type CapabilityContext, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactNameParam } from "../artifact/artifact-name.ts";
import { ArtifactRefSchema, HashSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { ReportBody } from "../parts/report-parts.ts";
import { spellPath } from "../paths/byte-path.ts";
import { readChunk } from "../scan/file-list.ts";
import { FsScanOutput } from "../scan/fs-scan.ts";
import type { TreeEntry } from "../scan/tree-entry.ts";
import { badParam, throwIfAborted } from "../task-error.ts";
import { type DigestData, type DocList, digestData } from "./digest-data.ts";
import { type DigestRecord, readDigestRecords } from "./digest-record.ts";
import { digestCharts, digestFacts, digestMarkdown } from "./digest-text.ts";
import { DocCountOutput } from "./doc-count.ts";
import { DocListOutput } from "./doc-list.ts";
import { unreadRecord } from "./document-digest.ts";
import { documentFormatOf } from "./document-name.ts";

const FIVE_MINUTES_MS = 300_000;
const MAX_DETAILS_BYTES = 67_108_864;
const LOST = "The process that read it ended, or ran out of time or memory, also when it read nothing else.";

const Parts = (title: string, description: string) =>
  Type.Array(
    Type.Union([
      Type.Object({
        details: Type.Object({ hash: HashSchema }),
        measured_by: Type.Object({ task: Type.String() }),
      }),
      Type.Null(),
    ]),
    { title, description, "x-kos-type": "doc.digest_parts" },
  );

const Input = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200, title: "Title", description: "Default: the name of the folder." })),
    scan: FsScanOutput,
    list: DocListOutput,
    count: Type.Optional(DocCountOutput),
    parts: Parts("Parts", "The outputs of doc.digest; null for a chunk that was lost."),
    singles: Type.Optional(
      Parts("Single documents", "The outputs of doc.digest for the documents of lost chunks; null for one that was lost again."),
    ),
    name: ArtifactNameParam("digest", "The JSON is called name.json."),
  },
  {
    additionalProperties: false,
    title: "digest.report input",
    description: "The outputs of fs.scan, doc.list, doc.digest and, for a second count, doc.count.",
  },
);

const Output = Type.Object(
  {
    title: Type.String({ title: "Title" }),
    ...ReportBody,
    documents_total: Count("Documents", "All documents of the folder, readable or not."),
    documents_read: Count("Read", "Documents that could be read."),
    documents_failed: Count("Not read", "Documents that could not; the report names each with its reason."),
    words_total: Count("Words", "Words of the documents read."),
    lost: Count("Lost", "Documents that took the process that read them down with them; they are among those not read."),
    json: ArtifactRefSchema,
    measured_by: MeasuredBySchema,
  },
  { title: "digest.report output", "x-kos-type": "report.parts" },
);

export const digestReport = defineCapability({
  name: "digest.report",
  title: "Write the digest of a folder",
  description:
    "Puts the digests of a folder's documents into words: an index, subjects they share, what could not be read and why, summary and keywords of each. " +
    "Writes the JSON artifact; report.render makes pages of the rest. Errors: BAD_REQUEST when the parts do not belong together, NOT_FOUND when an artifact is gone.",
  input: Input,
  output: Output,
  timeout_ms: FIVE_MINUTES_MS,
  async run(params, context) {
    const parts = [...params.parts, ...(params.singles ?? [])].filter((part) => part !== null);
    const found = new Map<string, DigestRecord>();
    for (const [position, { details }] of parts.entries()) {
      throwIfAborted(context.signal);
      const bytes = await context.artifacts.get(details.hash, { maxBytes: MAX_DETAILS_BYTES });
      for (const record of readDigestRecords(bytes, `/parts/${position}/details`)) found.set(record.raw ?? record.path, record);
    }
    const { records, lost } = await inOrder(params.list, found, context);
    const self = measuredBy(context, "digest.report");
    const data = digestData({
      title: params.title ?? folderName(params.scan.root),
      scan: params.scan,
      list: params.list,
      count: params.count,
      records,
      parts: parts.map((part) => part.measured_by.task),
      self,
    });
    const json = await context.artifacts.put({
      name: `${params.name ?? "digest"}.json`,
      media_type: "application/json",
      content: `${JSON.stringify(data, undefined, 2)}\n`,
    });
    return {
      title: data.title,
      subtitle: subtitle(data),
      facts: [...digestFacts(data)],
      markdown: digestMarkdown(data),
      charts: [...digestCharts(data)],
      documents_total: data.documents_total,
      documents_read: data.documents_read,
      documents_failed: data.documents_failed,
      words_total: data.words_total,
      lost,
      json: { ...json },
      measured_by: self,
    };
  },
});

/** One record for each document of the list, in its order; a document of which nothing came back is named as lost. */
async function inOrder(
  list: DocList,
  found: ReadonlyMap<string, DigestRecord>,
  context: CapabilityContext,
): Promise<{ readonly records: readonly DigestRecord[]; readonly lost: number }> {
  const records: DigestRecord[] = [];
  let lost = 0;
  for (const chunk of list.chunks) {
    throwIfAborted(context.signal);
    for (const entry of await readChunk(chunk, context.artifacts)) {
      const record = found.get(keyOf(entry));
      if (record === undefined) lost += 1;
      records.push(record ?? lostRecord(entry));
    }
  }
  if (found.size + lost !== records.length)
    throw badParam(
      "/parts",
      "The parts hold documents that are not in the list.",
      "Pass outputs of doc.digest for the chunks of this very list.",
    );
  return { records, lost };
}

function lostRecord(entry: TreeEntry): DigestRecord {
  const format = documentFormatOf(spellPath(entry.path).path) ?? "text";
  return { ...unreadRecord(entry, format), error: { code: "UNAVAILABLE", reason: "lost", message: LOST } };
}

function keyOf(entry: TreeEntry): string {
  const { path, raw } = spellPath(entry.path);
  return raw ?? path;
}

function folderName(root: string): string {
  return root.split("/").findLast((segment) => segment !== "") ?? root;
}

function subtitle({ scanned_at: at }: DigestData): string {
  return `Digest of a folder of documents, read on ${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
