// The text of a report on a code base: Markdown in plain words, its facts and its charts, from the data alone. What files are called stays text [R95].

import { formatBytes, formatCount, formatShare, formatThings } from "../render/amount.ts";
import type { Chart } from "../render/chart.ts";
import { markdownTable as table } from "../render/markdown-table.ts";
import { markdownCode, markdownText } from "../render/markdown-text.ts";
import type { Fact } from "../render/page.ts";
import type { Provenance, ReportData } from "./report-data.ts";
import { reportSummary } from "./report-summary.ts";
import type { Risk } from "./risk.ts";

const ROWS = {
  languages: 15,
  largest: 20,
  todoFiles: 10,
  todoItems: 15,
  duplicates: 12,
  duplicateFiles: 4,
  licences: 20,
  manifests: 25,
  skipped: 15,
} as const;

export function reportMarkdown(data: ReportData): string {
  const sections = [
    summary(data),
    risks(data),
    languages(data),
    size(data),
    todos(data),
    duplicates(data),
    licences(data),
    manifests(data),
    gaps(data),
    origins(data),
  ];
  return `${sections.flat().join("\n\n")}\n`;
}

export function reportFacts(data: ReportData): readonly Fact[] {
  const [main] = data.languages.filter(({ type }) => type === "programming");
  const count = data.provenance["files_total"]?.checked_by;
  return [
    {
      label: "Files",
      value: formatCount(data.files_total),
      ...(count === undefined ? {} : { note: count.agrees ? "git counts the same" : `git counts ${formatCount(count.value)}` }),
    },
    { label: "Size", value: formatBytes(data.bytes_total) },
    { label: "Lines of text", value: formatCount(data.lines_total), note: formatThings(data.text_files, "text file") },
    main === undefined
      ? { label: "Languages", value: formatCount(data.languages.length) }
      : { label: "Main language", value: main.name, note: `${formatCount(main.lines)} lines` },
    { label: "Marked for later", value: formatCount(data.todos), note: "TODO, FIXME, XXX, HACK" },
    { label: "Dependencies", value: formatCount(distinctDependencies(data)), note: formatThings(data.manifests.length, "manifest") },
  ];
}

export function reportCharts(data: ReportData): readonly Chart[] {
  const byLines = data.languages.map(({ name, lines }) => ({ label: name, value: lines }));
  const unrecognised = data.unrecognised.lines === 0 ? [] : [{ label: "no known language", value: data.unrecognised.lines }];
  return [
    {
      id: "languages",
      type: "bar",
      title: "Lines by language",
      description: "Physical lines of text files, the languages with most lines first",
      unit: "lines",
      in_text: true,
      series: byLines.slice(0, ROWS.languages),
    },
    {
      id: "share",
      type: "donut",
      title: "Share of all lines",
      description: "Each language's part of the lines of all text files",
      unit: "lines",
      in_text: true,
      series: bounded([...byLines, ...unrecognised].filter(({ value }) => value > 0)),
    },
    {
      id: "areas",
      type: "treemap",
      title: "Where the bytes are",
      description: "Folders by the sizes of the files in them; each file counts in one of them",
      unit: "bytes",
      series: bounded(data.areas.map(({ path, bytes }) => ({ label: path, value: bytes }))),
    },
    {
      id: "sizes",
      type: "histogram",
      title: "Files by size",
      description: "How many regular files there are of which size",
      unit: "files",
      series: data.sizes.map(({ label, files }) => ({ label, value: files })),
    },
  ];
}

/** What a chart takes (chart.ts): many values, of which the smallest are put together, and labels of a bounded length. */
const MAX_SERIES = 200;
const MAX_LABEL = 200;

type Series = Chart["series"];

function bounded(series: Series): Series {
  const labelled = series.map(({ label, value }) => ({
    label: label.length > MAX_LABEL ? `…${label.slice(1 - MAX_LABEL)}` : label,
    value,
  }));
  if (labelled.length <= MAX_SERIES) return labelled;
  const largest = new Set([...labelled].sort((left, right) => right.value - left.value).slice(0, MAX_SERIES - 1));
  const rest = labelled.filter((one) => !largest.has(one));
  return [
    ...labelled.filter((one) => largest.has(one)),
    { label: `${rest.length} others`, value: rest.reduce((sum, { value }) => sum + value, 0) },
  ];
}

function summary(data: ReportData): readonly string[] {
  return ["## Summary", ...reportSummary(data)];
}

function risks(data: ReportData): readonly string[] {
  if (data.risks.length === 0)
    return [
      "## Worth a look",
      "None of the rules of this report found anything. They look at names and numbers only, not at what the code does.",
    ];
  return [
    "## Worth a look",
    "What the numbers and names suggest looking at first. No rule here judges what the code does.",
    data.risks.map(riskLine).join("\n"),
  ];
}

function riskLine({ severity, text, paths }: Risk): string {
  const shown = paths.slice(0, 3).map(markdownCode).join(", ");
  const more = paths.length > 3 ? ` and ${formatCount(paths.length - 3)} more` : "";
  return `- **${severity}:** ${markdownText(text)}${shown === "" ? "" : ` ${shown}${more}`}`;
}

function languages(data: ReportData): readonly string[] {
  const rows = data.languages
    .slice(0, ROWS.languages)
    .map(({ name, type, files, lines, blank, bytes }) => [
      markdownText(name),
      type,
      formatCount(files),
      formatCount(lines),
      formatCount(blank),
      formatBytes(bytes),
      formatShare(lines, data.lines_total),
    ]);
  const rest = data.languages.slice(ROWS.languages);
  const more =
    rest.length === 0
      ? []
      : [`${formatThings(rest.length, "more language")}, ${formatCount(sum(rest.map(({ lines }) => lines)))} lines in all, in the JSON.`];
  const other =
    data.unrecognised.files === 0
      ? []
      : [`${formatThings(data.unrecognised.files, "text file")} (${formatCount(data.unrecognised.lines)} lines) are in no known language.`];
  if (rows.length === 0) return ["## Languages", "There is no text file in a known language.", ...other];
  const head = ["Language", "Kind", "Files >", "Lines >", "of them blank >", "Size >", "Share of lines >"];
  return [
    "## Languages",
    "![Lines by language](chart:languages)",
    "![Share of all lines](chart:share)",
    table(head, rows),
    ...more,
    ...other,
  ];
}

function size(data: ReportData): readonly string[] {
  const { file, symlink, submodule, other } = data.kinds;
  const kinds = [
    formatThings(file, "regular file"),
    ...(symlink ? [formatThings(symlink, "symlink")] : []),
    ...(submodule ? [formatThings(submodule, "other repository", "other repositories")] : []),
  ];
  const strange = other ? [formatThings(other, "other thing")] : [];
  const read = `Of the regular files ${formatCount(data.text_files)} are text (${formatCount(data.empty_files)} of them empty) and ${formatCount(data.binary_files)} are binary.`;
  const rows = data.largest
    .slice(0, ROWS.largest)
    .map(({ path, bytes }) => [markdownCode(path), formatBytes(bytes), formatShare(bytes, data.bytes_total)]);
  return [
    "## Size and structure",
    `${[...kinds, ...strange].join(", ")}. ${read}`,
    "![Where the bytes are](chart:areas)",
    "![Files by size](chart:sizes)",
    ...(rows.length === 0 ? [] : ["### Largest files", table(["File", "Size >", "Share >"], rows)]),
  ];
}

function todos(data: ReportData): readonly string[] {
  if (data.todos === 0) return ["## Marked for later", "No line holds TODO, FIXME, XXX or HACK."];
  const { TODO, FIXME, XXX, HACK } = data.todos_by_marker;
  const counts = `${formatThings(data.todos, "line is", "lines are")} marked: TODO on ${formatCount(TODO)}, FIXME on ${formatCount(FIXME)}, XXX on ${formatCount(XXX)}, HACK on ${formatCount(HACK)}.`;
  const files = data.todo_files.slice(0, ROWS.todoFiles).map(({ path, todos: count }) => [markdownCode(path), formatCount(count)]);
  const items = data.todo_items
    .slice(0, ROWS.todoItems)
    .map(({ path, line, text }) => [markdownCode(`${path}:${line}`), markdownText(text.slice(0, 100))]);
  const more =
    data.todos > items.length
      ? [`The JSON lists ${data.todo_items.length === data.todos ? "all of them" : `${formatCount(data.todo_items.length)} of them`}.`]
      : [];
  return [
    "## Marked for later",
    counts,
    table(["File", "Lines >"], files),
    "### The first of them",
    table(["Place", "Text"], items),
    ...more,
  ];
}

function duplicates(data: ReportData): readonly string[] {
  const { groups, files, wasted_bytes: wasted } = data.duplicates_total;
  if (groups === 0) return ["## Duplicate files", "No two files that are not empty have the same content."];
  const rows = data.duplicates.slice(0, ROWS.duplicates).map((group) => {
    const shown = group.files.slice(0, ROWS.duplicateFiles).map(markdownCode).join(", ");
    const more = group.files.length > ROWS.duplicateFiles ? ` and ${formatCount(group.files.length - ROWS.duplicateFiles)} more` : "";
    return [shown + more, formatCount(group.files.length), formatBytes(group.bytes)];
  });
  const all = groups > rows.length ? ["The JSON lists all groups with their SHA-256."] : [];
  return [
    "## Duplicate files",
    `${formatThings(files, "file")} in ${formatThings(groups, "group")} have the same content as another; keeping each once would save ${formatBytes(wasted)}.`,
    table(["Files", "Copies >", "Size of one >"], rows),
    ...all,
  ];
}

const SOURCES = { file: "licence file", header: "SPDX lines", manifest: "manifest" } as const;

function licences(data: ReportData): readonly string[] {
  if (data.licences.length === 0) return ["## Licences", "No licence file, SPDX line or statement in a manifest was found."];
  const rows = data.licences
    .slice(0, ROWS.licences)
    .map(({ path, spdx, confidence, source, files }) => [
      spdx === "NOASSERTION" ? "not recognised" : markdownText(spdx),
      files === undefined || files === 1 ? markdownCode(path) : `${markdownCode(path)} and ${formatThings(files - 1, "more file")}`,
      SOURCES[source],
      source === "file" ? formatShare(confidence, 1) : "stated",
    ]);
  const more =
    data.licences.length > rows.length ? [`${formatThings(data.licences.length - rows.length, "more statement")} in the JSON.`] : [];
  return ["## Licences", table(["Licence", "Where", "Found in", "Match >"], rows), ...more];
}

function manifests(data: ReportData): readonly string[] {
  if (data.manifests.length === 0) return ["## Dependencies", "No dependency manifest of a known kind was found."];
  const rows = data.manifests
    .slice(0, ROWS.manifests)
    .map(({ path, kind, name, version, dependencies, groups, error }) => [
      markdownCode(path),
      kind,
      markdownText([name ?? "", version ?? ""].join(" ").trim()),
      error === undefined ? formatCount(dependencies) : "–",
      error === undefined
        ? markdownText(groups.map(({ group, count }) => `${group} ${count}`).join(", "))
        : `not readable: ${markdownText(error)}`,
    ]);
  const more =
    data.manifests.length > rows.length ? [`${formatThings(data.manifests.length - rows.length, "more manifest")} in the JSON.`] : [];
  const intro = `${formatThings(data.manifests.length, "manifest names", "manifests name")} ${formatThings(distinctDependencies(data), "dependency", "dependencies")} directly, counted once by name and kind; what those need in turn is not followed.`;
  return ["## Dependencies", intro, table(["Manifest", "Kind", "Name and version", "Dependencies >", "By group"], rows), ...more];
}

/** What is not in the numbers. */
function gaps(data: ReportData): readonly string[] {
  const skipped = new Set(data.skipped.map(({ path }) => path));
  const missing = [...data.unreadable.filter(({ path }) => !skipped.has(path)), ...data.skipped];
  const filtered = data.filtered ? ["Files were chosen by patterns that the plan gives; the others are in no number here."] : [];
  const changed = data.changed === 0 ? [] : [`${formatThings(data.changed, "file was", "files were")} changed while being measured.`];
  if (missing.length === 0 && data.notes.length === 0 && changed.length === 0 && filtered.length === 0) return [];
  const rows = missing.slice(0, ROWS.skipped).map(({ path, reason }) => [markdownCode(path), markdownText(reason.replaceAll("_", " "))]);
  const more = missing.length > rows.length ? [`${formatCount(missing.length - rows.length)} more in the JSON.`] : [];
  return [
    "## Not in these numbers",
    ...filtered,
    ...data.notes.map(markdownText),
    ...changed,
    ...(rows.length === 0 ? [] : [table(["Path", "Reason"], rows)]),
    ...more,
  ];
}

const DEFINITIONS: readonly (readonly [key: keyof ReportData, label: string, definition: string])[] = [
  [
    "files_total",
    "Files",
    "paths as `git ls-files --cached --others --exclude-standard` lists them, on disk, each once; outside git, all that no .gitignore excludes",
  ],
  ["bytes_total", "Size", "sum of their sizes on disk; a symlink is as long as its target's path"],
  ["lines_total", "Lines", "line feeds, and one more where the last line has none; text files only"],
  ["languages", "Languages", "by file name, extension, first line and, for shared extensions, the beginning of the text"],
  ["todos", "Marked for later", "lines with TODO, FIXME, XXX or HACK in upper case as a whole word, each once"],
  ["duplicates", "Duplicate files", "regular files, not empty, of the same SHA-256"],
  ["largest", "Largest files", "the 20 largest regular files"],
  ["licences", "Licences", "licence files by their wording, SPDX-License-Identifier lines, licence fields of manifests"],
  ["manifests", "Dependencies", "names in manifests, as written there"],
  ["risks", "Worth a look", "rules over the numbers above"],
];

function origins(data: ReportData): readonly string[] {
  const rows = DEFINITIONS.map(([key, label, definition]) => {
    const origin = data.provenance[key];
    return [label, definition, origin === undefined ? "–" : taskText(origin)];
  });
  return [
    "## How each number was obtained",
    "Every number comes from a task of the plan, whose input and output the evidence of the run holds. Text is a file without a NUL in its first 8000 bytes, or with a UTF-16 byte order mark.",
    table(["Number", "Definition", "Task"], rows),
  ];
}

function taskText({ task, capability, from, checked_by: check }: Provenance): string {
  const parts = from === undefined || from.length === 0 ? "" : ` from ${from.map(markdownCode).join(", ")}`;
  const second =
    check === undefined
      ? ""
      : `; checked by ${markdownCode(check.task)} (${check.capability}): ${check.agrees ? "the same" : formatCount(check.value)}`;
  return `${markdownCode(task)} (${capability})${parts}${second}`;
}

function distinctDependencies(data: ReportData): number {
  return new Set(data.manifests.flatMap(({ kind, dependency_names: names }) => (names ?? []).map((name) => `${kind} ${name}`))).size;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
