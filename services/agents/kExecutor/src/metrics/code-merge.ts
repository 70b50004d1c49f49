// The capability code.merge: joins the parts of code.metrics into the numbers of the whole code base.

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema, HashSchema } from "../artifact/artifact-schema.ts";
import { Count } from "../count-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { throwIfAborted } from "../task-error.ts";
import { readRecords } from "./file-record.ts";
import {
  AreaSchema,
  DuplicateSchema,
  LanguageSchema,
  LargestSchema,
  LicenceSchema,
  ManifestSchema,
  SignalsSchema,
  SizeClassSchema,
  SkippedSchema,
  TodoItemSchema,
  TodosByMarkerSchema,
  TodosSchema,
} from "./metrics-schema.ts";
import type { Signals } from "./signals.ts";
import { createTally } from "./tally.ts";

const FIVE_MINUTES_MS = 300_000;
const MAX_DETAILS_BYTES = 67_108_864;
/** How much of each list the output carries; the artifact carries all. */
const LISTED = { todo_items: 50, duplicates: 25, duplicate_files: 10, licences: 50, manifests: 50, skipped: 50, signals: 20 } as const;

const Input = Type.Object(
  {
    parts: Type.Array(
      Type.Union([
        Type.Object({
          chunk: Type.Integer({ minimum: 0 }),
          details: Type.Object({ hash: HashSchema }),
          measured_by: Type.Object({ task: Type.String() }),
        }),
        Type.Null(),
      ]),
      {
        title: "Parts",
        description: "The outputs of code.metrics, one for each chunk; null for a chunk that was given up.",
        "x-kos-type": "code.metrics_parts",
      },
    ),
    files_expected: Type.Optional(Count("Expected files", "files_total of the scan; the output says whether the parts hold as many.")),
  },
  { additionalProperties: false, title: "code.merge input" },
);

export const CodeMergeOutput = Type.Object(
  {
    files_total: Count("Files", "Entries in all parts."),
    bytes_total: Count("Bytes", "Sum of their sizes on disk at the time of the scan."),
    complete: Type.Boolean({ title: "Complete", description: "Whether no chunk is missing and the number of files is the expected one." }),
    missing_chunks: Type.Array(Type.Integer(), { title: "Missing chunks", description: "Positions in `parts` that are null." }),
    text_files: Count("Text files", "Regular files without a NUL in their first 8000 bytes, or with a UTF-16 byte order mark."),
    binary_files: Count("Binary files", "The other regular files that were read."),
    empty_files: Count("Empty files", "Regular files of no bytes; they count as text files too."),
    lines_total: Count("Lines", "Lines of all text files, also those in no known language."),
    languages: Type.Array(LanguageSchema, { title: "Languages", description: "Most lines first.", "x-kos-type": "code.languages" }),
    unrecognised: Type.Object(
      { files: Type.Integer(), lines: Type.Integer() },
      { title: "No known language", description: "Text files that no rule gives a language." },
    ),
    todos: TodosSchema,
    todos_by_marker: TodosByMarkerSchema,
    todo_items: Type.Array(TodoItemSchema, { title: "Marked lines", description: `The first ${LISTED.todo_items} in order of path.` }),
    todo_files: Type.Array(Type.Object({ path: Type.String(), todos: Type.Integer() }), { title: "Files with most marked lines" }),
    largest: Type.Array(LargestSchema, { title: "Largest files", description: "The 20 largest regular files." }),
    duplicates: Type.Array(DuplicateSchema, {
      title: "Duplicates",
      description: `The ${LISTED.duplicates} groups that waste most, with at most ${LISTED.duplicate_files} files each.`,
    }),
    duplicates_total: Type.Object(
      { groups: Type.Integer(), files: Type.Integer(), wasted_bytes: Type.Integer() },
      { title: "Duplicates in all", description: "Groups, files in them, and bytes that would be saved if each content were kept once." },
    ),
    licences: Type.Array(LicenceSchema, { title: "Licences", description: `At most ${LISTED.licences}.` }),
    licences_total: Count("Licence statements", "How many there are, also those not listed."),
    manifests: Type.Array(ManifestSchema, { title: "Manifests", description: `At most ${LISTED.manifests}.` }),
    manifests_total: Count("Manifests in all", "How many there are, also those not listed."),
    areas: Type.Array(AreaSchema, { title: "Areas" }),
    sizes: Type.Array(SizeClassSchema, { title: "Size classes" }),
    signals: SignalsSchema,
    skipped: Type.Array(SkippedSchema, { title: "Not read", description: `At most ${LISTED.skipped}.` }),
    skipped_total: Count(
      "Not read in all",
      "Regular files that could not be read or are too large; they have a size but no lines and no hash.",
    ),
    changed: Count("Changed meanwhile", "Files whose size when read differed from the scan."),
    metrics: ArtifactRefSchema,
    parts: Type.Array(Type.String(), { title: "Parts", description: "The tasks that measured the files." }),
    measured_by: MeasuredBySchema,
  },
  { title: "code.merge output", "x-kos-type": "code.metrics" },
);

export const codeMerge = defineCapability({
  name: "code.merge",
  title: "Join the parts of a measurement",
  description:
    "Joins the outputs of code.metrics: sums, duplicates over all files, largest files, licences, manifests. The artifact metrics.json holds every list in full. " +
    "Errors: BAD_REQUEST when a part is none, NOT_FOUND when its artifact is gone.",
  input: Input,
  output: CodeMergeOutput,
  timeout_ms: FIVE_MINUTES_MS,
  async run(params, context) {
    const tally = createTally();
    const present = params.parts.flatMap((part, position) => (part === null ? [] : [{ part, position }]));
    const inOrder = present.toSorted((one, other) => one.part.chunk - other.part.chunk);
    for (const [done, { part, position }] of inOrder.entries()) {
      throwIfAborted(context.signal);
      const at = `/parts/${position}/details`;
      const bytes = await context.artifacts.get(part.details.hash, { maxBytes: MAX_DETAILS_BYTES });
      for (const record of readRecords(bytes, at)) tally.add(record);
      context.progress({
        fraction: (done + 1) / inOrder.length,
        done: done + 1,
        total: inOrder.length,
        message: `${done + 1} of ${inOrder.length} parts joined`,
      });
    }
    const totals = tally.totals();
    const missing = params.parts.flatMap((part, position) => (part === null ? [position] : []));
    const duplicatesTotal = {
      groups: totals.duplicates.length,
      files: totals.duplicates.reduce((sum, { files }) => sum + files.length, 0),
      wasted_bytes: totals.duplicates.reduce((sum, { bytes, files }) => sum + bytes * (files.length - 1), 0),
    };
    const metrics = await context.artifacts.put({
      name: "metrics.json",
      media_type: "application/json",
      content: `${JSON.stringify(totals)}\n`,
    });
    return {
      files_total: totals.files_total,
      bytes_total: totals.bytes_total,
      complete: missing.length === 0 && (params.files_expected === undefined || params.files_expected === totals.files_total),
      missing_chunks: missing,
      text_files: totals.text_files,
      binary_files: totals.binary_files,
      empty_files: totals.empty_files,
      lines_total: totals.lines_total,
      languages: [...totals.languages],
      unrecognised: { ...totals.unrecognised },
      todos: totals.todos,
      todos_by_marker: { ...totals.todos_by_marker },
      todo_items: totals.todo_items.slice(0, LISTED.todo_items),
      todo_files: [...totals.todo_files],
      largest: [...totals.largest],
      duplicates: totals.duplicates
        .slice(0, LISTED.duplicates)
        .map((group) => ({ ...group, files: group.files.slice(0, LISTED.duplicate_files) })),
      duplicates_total: duplicatesTotal,
      licences: totals.licences.slice(0, LISTED.licences),
      licences_total: totals.licences.length,
      manifests: totals.manifests.slice(0, LISTED.manifests).map(({ dependency_names: _names, ...manifest }) => manifest),
      manifests_total: totals.manifests.length,
      areas: [...totals.areas],
      sizes: [...totals.sizes],
      signals: shortSignals(totals.signals),
      skipped: totals.skipped.slice(0, LISTED.skipped),
      skipped_total: totals.skipped.length,
      changed: totals.changed,
      metrics: { ...metrics },
      parts: summarised(inOrder.map(({ part }) => part.measured_by.task)),
      measured_by: measuredBy(context, "code.merge"),
    };
  },
});

function shortSignals(signals: Signals): Signals {
  const { readme, ci, lockfiles, sensitive, vendored, tests } = signals;
  const short = (paths: readonly string[]) => paths.slice(0, LISTED.signals);
  return {
    readme: short(readme),
    ci: short(ci),
    lockfiles: short(lockfiles),
    sensitive: short(sensitive),
    vendored: short(vendored),
    tests,
  };
}

/** `metrics[0]` … `metrics[41]` becomes one text. */
function summarised(tasks: readonly string[]): string[] {
  const [first, last] = [tasks[0], tasks.at(-1)];
  if (first === undefined || last === undefined || tasks.length < 4) return [...tasks];
  const base = first.replace(/\[\d+\]$/, "");
  return tasks.every((task) => task.replace(/\[\d+\]$/, "") === base) ? [`${first} to ${last}`] : [...tasks];
}
