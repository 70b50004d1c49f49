// The numbers of code.metrics and code.merge as they stand in outputs and in the report's JSON, with the exact definition of each.

import Type from "typebox";
import { Count } from "../count-schema.ts";
import { LANGUAGE_TYPES } from "./language-table.ts";
import { MARKERS } from "./text-scan.ts";

const Path = Type.String({ title: "Path", description: "Relative to the scanned folder; bytes that are not UTF-8 are written \\xHH." });

export const LanguageSchema = Type.Object(
  {
    name: Type.String({
      title: "Language",
      description: "As github-linguist calls it; .tsx counts as TypeScript, JSON with comments as JSON.",
    }),
    type: Type.Enum(LANGUAGE_TYPES),
    files: Count(
      "Files",
      "Text files in this language, told by file name, extension, #! line and, for shared extensions, the beginning of the text. Symlinks and binary files do not count.",
    ),
    lines: Count(
      "Lines",
      "Physical lines: line feeds (`wc -l`), and one more for each file whose last line has no line feed. Comments and blank lines count.",
    ),
    blank: Count("Blank lines", "Those of the lines that hold nothing but spaces, tabs, form feeds and carriage returns."),
    bytes: Count("Bytes", "Sum of the sizes of the files."),
  },
  { title: "Language" },
);

export const TodosSchema = Count(
  "Lines marked for later",
  `Lines of text files that hold ${MARKERS.join(", ")} in upper case as a whole word (no letter, digit or underscore beside it), each line once: ` +
    `\`grep -cwE '${MARKERS.join("|")}'\` summed over the text files.`,
);

export const TodosByMarkerSchema = Type.Object(
  { TODO: Type.Integer(), FIXME: Type.Integer(), XXX: Type.Integer(), HACK: Type.Integer() },
  { title: "By marker", description: "Lines that hold this marker; a line with two markers counts for both." },
);

export const TodoItemSchema = Type.Object({
  path: Path,
  line: Type.Integer({ minimum: 1 }),
  marker: Type.Enum(MARKERS),
  text: Type.String({ description: "From the marker to the end of the line, at most 160 characters." }),
});

export const DuplicateSchema = Type.Object(
  {
    sha256: Type.String({ title: "SHA-256", description: "Of the content, in hex." }),
    bytes: Count("Bytes", "Size of one of them."),
    files: Type.Array(Path, { minItems: 2, title: "Files" }),
  },
  { title: "Duplicate", description: "Regular files, not empty, whose bytes have the same SHA-256." },
);

export const LargestSchema = Type.Object({ path: Path, bytes: Count("Bytes", "Size on disk.") });

export const LicenceSchema = Type.Object(
  {
    path: Path,
    spdx: Type.String({
      title: "Licence",
      description:
        "SPDX id or expression; GNU licences known by their text alone come without -only or -or-later. NOASSERTION: the text is not known. " +
        "For a manifest what is written there.",
    }),
    confidence: Type.Number({
      minimum: 0,
      maximum: 1,
      title: "Confidence",
      description:
        "For a licence file how much of the sampled text of the licence was found in it; 1 for a statement; 0 when not recognised.",
    }),
    source: Type.Enum(["file", "header", "manifest"], {
      title: "Source",
      description:
        "A file named like a licence (LICENSE, COPYING, NOTICE…), an SPDX-License-Identifier line, or the licence field of a manifest.",
    }),
    files: Type.Optional(Count("Files", "For headers: how many files carry this expression; `path` is the first of them.")),
  },
  { title: "Licence" },
);

export const ManifestSchema = Type.Object(
  {
    path: Path,
    kind: Type.String({ title: "Kind", description: "npm, pyproject, cargo, go, maven…" }),
    name: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    licence: Type.Optional(Type.String()),
    dependencies: Count(
      "Dependencies",
      "Distinct names it asks for directly, over all groups (run time, development, optional…), as written there; nothing is resolved.",
    ),
    groups: Type.Array(Type.Object({ group: Type.String(), count: Type.Integer() }), { description: "How many of them in which group." }),
    dependency_names: Type.Optional(Type.Array(Type.String(), { description: "At most 200." })),
    error: Type.Optional(Type.String({ title: "Error", description: "Why it could not be read." })),
  },
  {
    title: "Manifest",
    description: "A file that names what the code depends on. Formats that are programs are read by pattern, never run.",
  },
);

export const AreaSchema = Type.Object(
  { path: Path, files: Type.Integer(), bytes: Type.Integer(), lines: Type.Integer() },
  {
    title: "Area",
    description: "A part of the tree; the areas together hold every file once. A path that ends in /* is what lies in a folder itself.",
  },
);

export const SizeClassSchema = Type.Object(
  { label: Type.String(), from: Type.Integer(), below: Type.Optional(Type.Integer()), files: Type.Integer() },
  { title: "Size class", description: "Regular files of at least `from` bytes and fewer than `below`." },
);

export const SignalsSchema = Type.Object(
  {
    readme: Type.Array(Path),
    ci: Type.Array(Path),
    lockfiles: Type.Array(Path),
    sensitive: Type.Array(Path, {
      description: "Files whose name is that of a key, a credential or an environment with values. They are not opened for it.",
    }),
    vendored: Type.Array(Path, { description: "Folders named like ones that hold other people's code." }),
    tests: Type.Integer({ description: "Files that lie in a folder for tests or are named like one." }),
  },
  { title: "Signals", description: "What file names alone tell." },
);

export const SkippedSchema = Type.Object({ path: Path, reason: Type.String() });
