// What is known of one file after it was read: the lines of a details artifact, written by code.metrics and read by code.merge.

import Type from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { UNREADABLE_REASONS } from "../paths/guarded-open.ts";
import { ENTRY_KINDS } from "../scan/tree-entry.ts";
import { badParam } from "../task-error.ts";
import { LANGUAGE_TYPES } from "./language-table.ts";
import { MARKERS } from "./text-scan.ts";

const SKIP_REASONS = [...UNREADABLE_REASONS, "too_big"] as const;

const Count = Type.Integer({ minimum: 0 });

const FileRecordSchema = Type.Object({
  path: Type.String(),
  /** The exact bytes of the path in base64, where it is not UTF-8. */
  raw: Type.Optional(Type.String()),
  kind: Type.Enum(ENTRY_KINDS),
  /** Size at the time of the scan. */
  bytes: Count,
  /** Why a regular file was not read to its end. */
  skipped: Type.Optional(Type.Enum(SKIP_REASONS)),
  /** Bytes read, where that differs from the scan: the file was changed meanwhile. */
  read_bytes: Type.Optional(Count),
  /** Of the bytes read, in hex. */
  sha256: Type.Optional(Type.String()),
  binary: Type.Optional(Type.Boolean()),
  language: Type.Optional(Type.String()),
  type: Type.Optional(Type.Enum(LANGUAGE_TYPES)),
  lines: Type.Optional(Count),
  blank: Type.Optional(Count),
  todos: Type.Optional(Count),
  todos_by_marker: Type.Optional(Type.Object({ TODO: Count, FIXME: Count, XXX: Count, HACK: Count })),
  todo_items: Type.Optional(Type.Array(Type.Object({ line: Count, marker: Type.Enum(MARKERS), text: Type.String() }))),
  /** The expression of an SPDX-License-Identifier line. */
  spdx_header: Type.Optional(Type.String()),
  /** For files named like a licence: what their text is. Empty: not recognised. */
  licences: Type.Optional(Type.Array(Type.Object({ spdx: Type.String(), confidence: Type.Number() }))),
  manifest: Type.Optional(
    Type.Object({
      kind: Type.String(),
      name: Type.Optional(Type.String()),
      version: Type.Optional(Type.String()),
      licence: Type.Optional(Type.String()),
      dependencies: Count,
      groups: Type.Array(Type.Object({ group: Type.String(), count: Count })),
      dependency_names: Type.Array(Type.String()),
      error: Type.Optional(Type.String()),
    }),
  ),
});
export type FileRecord = Type.Static<typeof FileRecordSchema>;

let compiled: Validator<Record<never, never>, typeof FileRecordSchema> | undefined;

export function writeRecords(records: readonly FileRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Errors: BAD_REQUEST when the bytes are no such list. */
export function readRecords(bytes: Uint8Array, at: string): readonly FileRecord[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8").split("\n");
  return lines.filter((line) => line !== "").map((line, index) => readRecord(line, index, at));
}

function readRecord(line: string, index: number, at: string): FileRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  compiled ??= Compile(FileRecordSchema);
  if (compiled.Check(value)) return value;
  throw badParam(at, `Line ${index + 1} of the artifact is no record of a file.`, "Pass the details of code.metrics as they are.");
}
