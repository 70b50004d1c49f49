// What is known of one document of a folder: a line of the artifact between doc.digest and digest.report.

import Type from "typebox";
import { Compile } from "typebox/compile";
import { READING_LEVELS } from "../analysis/readability.ts";
import { WARNING_CODES } from "../documents/document-content.ts";
import { DOCUMENT_FORMATS } from "../documents/document-format.ts";
import { badParam } from "../task-error.ts";

const DigestRecordSchema = Type.Object({
  /** Relative to the folder. */
  path: Type.String(),
  raw: Type.Optional(Type.String()),
  bytes: Type.Integer({ minimum: 0 }),
  /** What its bytes are; of a document that cannot be read what its name says. */
  format: Type.Enum(DOCUMENT_FORMATS),
  /** As it states it, else its first heading, else its name. */
  title: Type.String(),
  author: Type.Optional(Type.String()),
  pages: Type.Optional(Type.Integer()),
  /** ISO 639-1, und where nothing tells it. */
  language: Type.String(),
  language_confidence: Type.Number(),
  words: Type.Integer({ minimum: 0 }),
  /** Counted by the language's dictionary instead of by a pattern. */
  words_checked: Type.Integer({ minimum: 0 }),
  sentences: Type.Integer({ minimum: 0 }),
  reading: Type.Optional(Type.Object({ lix: Type.Number(), flesch: Type.Optional(Type.Number()), level: Type.Enum(READING_LEVELS) })),
  summary: Type.String(),
  keywords: Type.Array(Type.Object({ term: Type.String(), weight: Type.Number(), count: Type.Integer() })),
  warnings: Type.Array(Type.Enum(WARNING_CODES)),
  /** SHA-256 of its text, to find copies; nothing for an empty text. */
  text_hash: Type.Optional(Type.String()),
  /** Whether only the beginning of its text was analysed. */
  truncated: Type.Optional(Type.Boolean()),
  error: Type.Optional(
    Type.Object({
      code: Type.String(),
      /** From a closed set (source/unreadable.ts), or `lost`, `failed`, `moved`. */
      reason: Type.String(),
      message: Type.String(),
    }),
  ),
});
export type DigestRecord = Type.Static<typeof DigestRecordSchema>;

export function writeDigestRecords(records: readonly DigestRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Errors: BAD_REQUEST at `at` when a line is no such record. */
export function readDigestRecords(bytes: Uint8Array, at: string): readonly DigestRecord[] {
  const validator = Compile(DigestRecordSchema);
  const recordOf = (line: string): DigestRecord => {
    const value = parsed(line);
    if (validator.Check(value)) return value;
    throw badParam(at, "The artifact does not come from doc.digest.", "Pass the outputs of doc.digest as they are.");
  };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [recordOf(line)]));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
