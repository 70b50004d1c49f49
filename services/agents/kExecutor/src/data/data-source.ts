// The source of a data capability as its schema says it, and as it is handed to the process that reads it: a descriptor, never a path.

import { basename } from "node:path";
import type { CapabilityContext } from "@kos/agent";
import Type from "typebox";
import { HashSchema } from "../artifact/artifact-schema.ts";
import { spellPath } from "../paths/byte-path.ts";
import { resolveGrantedPath } from "../paths/granted-path.ts";
import { isRefusal, openRegularFile } from "../paths/guarded-open.ts";
import { badParam } from "../task-error.ts";
import type { SourceOrder } from "./data-order.ts";
import { HEADER_CHOICES } from "./read/table-reader.ts";

const FORMAT_CHOICES = ["auto", "csv", "tsv", "json", "ndjson", "parquet"] as const;
const DEFAULT_MAX_BYTES = 8_589_934_592;
const MOST_BYTES = 1_099_511_627_776;

const DATA_ENDINGS = ["csv", "tsv", "tab", "psv", "json", "ndjson", "jsonl", "parquet"];
const DATA_FILES = [...DATA_ENDINGS, ...DATA_ENDINGS.map((ending) => `${ending}.gz`)];

/** How a source is read; the same in every capability that reads one. */
export const SourceProperties = {
  path: Type.Optional(
    Type.String({
      title: "File",
      description:
        "CSV, TSV, JSON (a list of objects, or an object that holds one), NDJSON or Parquet, each also gzipped. It must lie under a granted folder.",
      minLength: 1,
      maxLength: 4096,
      "x-kos-type": "fs.path",
      "x-kos-files": DATA_FILES,
      "x-kos-sink": "control",
    }),
  ),
  artifact: Type.Optional({ ...HashSchema, title: "Artifact", description: "The hash of an artifact to read instead of a file." }),
  format: Type.Optional(
    Type.Enum(FORMAT_CHOICES, {
      default: "auto",
      title: "Format",
      description: "auto: by the bytes; the name is a hint, and a note says where it lies.",
    }),
  ),
  delimiter: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1,
      title: "Delimiter",
      description: "Of delimited text. By default found out among comma, tab, semicolon and bar.",
    }),
  ),
  quote: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1, title: "Quote", description: "Of delimited text. By default found out: \" or '." }),
  ),
  header: Type.Optional(
    Type.Enum(HEADER_CHOICES, {
      default: "auto",
      title: "Header",
      description:
        "Whether the first row of delimited text names the columns. auto: yes, unless it has numbers or dates where the rows below have them.",
    }),
  ),
  encoding: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 40,
      title: "Encoding",
      description:
        "A label such as utf-8 or windows-1252. By default a byte order mark decides, then whether it is valid UTF-8, then a guess that a note names.",
    }),
  ),
  missing: Type.Optional(
    Type.Array(Type.String({ maxLength: 31 }), {
      maxItems: 100,
      title: "Missing values",
      description:
        "Texts that mean that there is no value, white space around them aside. By default, in delimited text, those of pandas.read_csv: " +
        "NA, N/A, n/a, NaN, nan, -NaN, -nan, NULL, null, None, <NA>, #N/A, #N/A N/A, #NA, 1.#IND, -1.#IND, 1.#QNAN, -1.#QNAN; none in other formats. " +
        "An empty field of delimited text, an absent key, null and NaN are always missing.",
    }),
  ),
  max_bytes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_BYTES,
      default: DEFAULT_MAX_BYTES,
      title: "Most bytes",
      description: "More than this after decompression is an error.",
    }),
  ),
};

export interface SourceParams {
  readonly path?: string;
  readonly artifact?: string;
  readonly format?: (typeof FORMAT_CHOICES)[number];
  readonly delimiter?: string;
  readonly quote?: string;
  readonly header?: (typeof HEADER_CHOICES)[number];
  readonly encoding?: string;
  readonly missing?: readonly string[];
  readonly max_bytes?: number;
}

/** `required: one of path and artifact`, as the input schema says it. */
export const SOURCE_ALTERNATIVES = [{ required: ["path"] }, { required: ["artifact"] }] as const;

export interface OpenSource extends AsyncDisposable {
  /** A descriptor that the process inherits, or the bytes that it is fed. */
  readonly input: number | Uint8Array;
  /** Without the descriptor, which is known when the process is started. */
  readonly order: Omit<SourceOrder, "descriptor">;
  /** Where it came from, for people. */
  readonly from: { readonly path?: string; readonly artifact?: string };
  /** Whether the file was changed since it was opened. */
  changed(): Promise<boolean>;
}

/** `at`: JSON pointer of the params. Errors: FORBIDDEN, NOT_FOUND, BAD_REQUEST, TOO_LARGE. Whoever opens it closes it. */
export async function openSource(params: SourceParams, at: string, context: CapabilityContext): Promise<OpenSource> {
  if ((params.path === undefined) === (params.artifact === undefined))
    throw badParam(at, "There is not exactly one source.", "Give either path or artifact.");
  const { format = "auto", header, encoding, quote, missing } = params;
  const delimiter = params.delimiter ?? (format === "tsv" ? "\t" : undefined);
  const options = {
    ...(format !== "auto" && { format: format === "tsv" ? ("csv" as const) : format }),
    ...(delimiter !== undefined && { delimiter }),
    ...(quote !== undefined && { quote }),
    ...(header !== undefined && { header }),
    ...(encoding !== undefined && { encoding }),
  };
  const common = { options, ...(missing !== undefined && { missing }), max_bytes: params.max_bytes ?? DEFAULT_MAX_BYTES };
  if (params.artifact !== undefined) {
    const bytes = await context.artifacts.get(params.artifact);
    return {
      input: bytes,
      order: { name: params.artifact.slice(0, 19), kind: "pipe", bytes: bytes.length, ...common },
      from: { artifact: params.artifact },
      changed: () => Promise.resolve(false),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  return openFile(params.path ?? "", at, context, common);
}

async function openFile(
  text: string,
  at: string,
  context: CapabilityContext,
  common: Pick<SourceOrder, "options" | "missing" | "max_bytes">,
): Promise<OpenSource> {
  const { path } = resolveGrantedPath(text, context.fsRoots, `${at}/path`);
  const file = await openRegularFile(path);
  if (isRefusal(file))
    throw badParam(
      `${at}/path`,
      `${JSON.stringify(text)} cannot be read (${file.refused}).`,
      "Give a regular file that the user the node runs as may read.",
    );
  const { handle, stats } = file;
  const shown = spellPath(path).path;
  return {
    input: handle.fd,
    order: { name: basename(shown), kind: "file", bytes: stats.size, ...common },
    from: { path: shown },
    async changed() {
      const now = await handle.stat();
      return now.size !== stats.size || now.mtimeMs !== stats.mtimeMs;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
