// Adds up the records of files. It keeps sums and short lists, and of each file only what duplicates need.

import type Type from "typebox";
import { createAreas } from "./areas.ts";
import type { FileRecord } from "./file-record.ts";
import type {
  AreaSchema,
  DuplicateSchema,
  LanguageSchema,
  LargestSchema,
  LicenceSchema,
  ManifestSchema,
  SignalsSchema,
  SkippedSchema,
  TodoItemSchema,
} from "./metrics-schema.ts";
import { createSignals } from "./signals.ts";
import { createSizeClasses, type SizeClass } from "./size-classes.ts";
import { MARKERS, type Marker } from "./text-scan.ts";

export interface Totals {
  readonly files_total: number;
  readonly bytes_total: number;
  readonly text_files: number;
  readonly binary_files: number;
  readonly empty_files: number;
  readonly lines_total: number;
  readonly languages: readonly Type.Static<typeof LanguageSchema>[];
  /** Text files in no known language. */
  readonly unrecognised: { readonly files: number; readonly lines: number };
  readonly todos: number;
  readonly todos_by_marker: Readonly<Record<Marker, number>>;
  readonly todo_items: readonly Type.Static<typeof TodoItemSchema>[];
  readonly todo_files: readonly { readonly path: string; readonly todos: number }[];
  readonly largest: readonly Type.Static<typeof LargestSchema>[];
  readonly duplicates: readonly Type.Static<typeof DuplicateSchema>[];
  readonly licences: readonly Type.Static<typeof LicenceSchema>[];
  readonly manifests: readonly Type.Static<typeof ManifestSchema>[];
  readonly areas: readonly Type.Static<typeof AreaSchema>[];
  readonly sizes: readonly SizeClass[];
  readonly signals: Type.Static<typeof SignalsSchema>;
  readonly skipped: readonly Type.Static<typeof SkippedSchema>[];
  /** Files whose size changed between scan and reading. */
  readonly changed: number;
}

export interface Tally {
  /** Records come in byte order of path for a result that does not depend on anything else. */
  add(record: FileRecord): void;
  totals(): Totals;
}

const LARGEST = 20;
const MAX_TODO_ITEMS = 20_000;

export function createTally(): Tally {
  const languages = new Map<
    string,
    { -readonly [Key in keyof Type.Static<typeof LanguageSchema>]: Type.Static<typeof LanguageSchema>[Key] }
  >();
  const contents = new Map<string, { readonly bytes: number; readonly files: string[] }>();
  const headers = new Map<string, { readonly path: string; files: number }>();
  const [areas, sizes, signals] = [createAreas(), createSizeClasses(), createSignals()];
  const byMarker: Record<Marker, number> = { TODO: 0, FIXME: 0, XXX: 0, HACK: 0 };
  const count = { files_total: 0, bytes_total: 0, text_files: 0, binary_files: 0, empty_files: 0, lines_total: 0, todos: 0, changed: 0 };
  const unrecognised = { files: 0, lines: 0 };
  const [items, licences, manifests, skipped, todoFiles]: [
    Type.Static<typeof TodoItemSchema>[],
    Type.Static<typeof LicenceSchema>[],
    Type.Static<typeof ManifestSchema>[],
    Type.Static<typeof SkippedSchema>[],
    { path: string; todos: number }[],
  ] = [[], [], [], [], []];
  let largest: Type.Static<typeof LargestSchema>[] = [];

  function addText(record: FileRecord): void {
    const { language: name, type, lines = 0, blank = 0, path } = record;
    count.text_files += 1;
    count.lines_total += lines;
    if (name === undefined || type === undefined) {
      unrecognised.files += 1;
      unrecognised.lines += lines;
    } else {
      const language = languages.get(name) ?? { name, type, files: 0, lines: 0, blank: 0, bytes: 0 };
      language.files += 1;
      language.lines += lines;
      language.blank += blank;
      language.bytes += record.bytes;
      languages.set(name, language);
    }
    if (record.todos === undefined) return;
    count.todos += record.todos;
    todoFiles.push({ path, todos: record.todos });
    for (const marker of MARKERS) byMarker[marker] += record.todos_by_marker?.[marker] ?? 0;
    for (const item of record.todo_items ?? []) if (items.length < MAX_TODO_ITEMS) items.push({ path, ...item });
  }

  function addStatements({ path, licences: found, spdx_header: header, manifest }: FileRecord): void {
    for (const match of found ?? []) licences.push({ path, ...match, source: "file" });
    if (found?.length === 0) licences.push({ path, spdx: "NOASSERTION", confidence: 0, source: "file" });
    if (header !== undefined) {
      const known = headers.get(header);
      if (known === undefined) headers.set(header, { path, files: 1 });
      else known.files += 1;
    }
    if (manifest === undefined) return;
    manifests.push({ path, ...manifest });
    if (manifest.licence !== undefined) licences.push({ path, spdx: manifest.licence, confidence: 1, source: "manifest" });
  }

  function addLargest({ path, bytes }: FileRecord): void {
    largest.push({ path, bytes });
    if (largest.length >= 10 * LARGEST) largest = topLargest(largest);
  }

  return {
    add(record) {
      count.files_total += 1;
      count.bytes_total += record.bytes;
      areas.add(record.path, record.bytes, record.lines ?? 0);
      signals.add(record.path);
      if (record.kind !== "file") return;
      sizes.add(record.bytes);
      addLargest(record);
      if (record.skipped !== undefined) skipped.push({ path: record.path, reason: record.skipped });
      if (record.sha256 === undefined) return;
      const bytes = record.read_bytes ?? record.bytes;
      if (record.read_bytes !== undefined) count.changed += 1;
      if (bytes === 0) count.empty_files += 1;
      else {
        const same = contents.get(record.sha256);
        if (same === undefined) contents.set(record.sha256, { bytes, files: [record.path] });
        else same.files.push(record.path);
      }
      if (record.binary === true) count.binary_files += 1;
      else addText(record);
      addStatements(record);
    },
    totals() {
      const stated = [...headers].map(([spdx, { path, files }]) => ({ path, spdx, confidence: 1, source: "header" as const, files }));
      return {
        ...count,
        languages: [...languages.values()].sort((one, other) => other.lines - one.lines || compare(one.name, other.name)),
        unrecognised,
        todos_by_marker: byMarker,
        todo_items: items,
        todo_files: todoFiles.toSorted((one, other) => other.todos - one.todos || compare(one.path, other.path)).slice(0, LARGEST),
        largest: topLargest(largest),
        duplicates: duplicatesIn(contents),
        licences: [...licences, ...stated],
        manifests,
        areas: areas.list(),
        sizes: sizes.list(),
        signals: signals.list(),
        skipped,
      };
    },
  };
}

function topLargest(list: readonly Type.Static<typeof LargestSchema>[]): Type.Static<typeof LargestSchema>[] {
  return list.toSorted((one, other) => other.bytes - one.bytes || compare(one.path, other.path)).slice(0, LARGEST);
}

/** The ones that would save most come first. */
function duplicatesIn(
  contents: ReadonlyMap<string, { readonly bytes: number; readonly files: readonly string[] }>,
): readonly Type.Static<typeof DuplicateSchema>[] {
  return [...contents]
    .filter(([, { files }]) => files.length > 1)
    .map(([sha256, { bytes, files }]) => ({ sha256, bytes, files: [...files] }))
    .sort((one, other) => saved(other) - saved(one) || compare(one.sha256, other.sha256));
}

function saved({ bytes, files }: { readonly bytes: number; readonly files: readonly string[] }): number {
  return bytes * (files.length - 1);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
