// The first paragraphs of a report: what a code base is, for somebody who has never seen it.

import { formatBytes, formatCount, formatShare, formatThings } from "../render/amount.ts";
import { markdownCode, markdownText } from "../render/markdown-text.ts";
import type { ReportData } from "./report-data.ts";

const MAX_NAMED = 4;

/** Paragraphs of Markdown. */
export function reportSummary(data: ReportData): readonly string[] {
  if (data.files_total === 0) return [`**${markdownText(data.title)}** holds no files.`];
  return [[whatItIs(data), whichLanguages(data)].join(" "), [state(data), rights(data)].join(" "), whereItStands(data)];
}

function whatItIs(data: ReportData): string {
  const check = data.provenance["files_total"]?.checked_by;
  const counted = check === undefined ? "" : check.agrees ? ", a number git confirms" : `, while git counts ${formatCount(check.value)}`;
  return `**${markdownText(data.title)}** holds ${formatThings(data.files_total, "file")}${counted}, ${formatBytes(data.bytes_total)} in all, with ${formatThings(data.lines_total, "line")} of text.`;
}

function whichLanguages(data: ReportData): string {
  const code = data.languages.filter(({ type }) => type === "programming");
  const lines = code.reduce((total, language) => total + language.lines, 0);
  const [main, ...others] = code;
  if (main === undefined || lines === 0) return "None of it is in a programming language this report knows.";
  const named = others.slice(0, MAX_NAMED - 1).map(({ name, lines: count }) => `${markdownText(name)} (${formatShare(count, lines)})`);
  const share =
    main.lines === lines
      ? "All of its program code is"
      : `${formatShare(main.lines, lines)} of its ${formatCount(lines)} lines of program code are`;
  return `${share} ${markdownText(main.name)}${named.length === 0 ? "" : `, followed by ${listed(named)}`}.`;
}

function state(data: ReportData): string {
  const tests =
    data.signals.tests === 0 ? "no file looks like a test" : `${formatThings(data.signals.tests, "file looks", "files look")} like tests`;
  const { groups, wasted_bytes: wasted } = data.duplicates_total;
  const copies =
    groups === 0
      ? "no file is there twice"
      : `${formatThings(groups, "group")} of identical files ${groups === 1 ? "takes" : "take"} ${formatBytes(wasted)} more than needed`;
  const marks = data.todos === 0 ? "No line is marked for later" : `${formatThings(data.todos, "line is", "lines are")} marked for later`;
  return `${marks}, ${tests}, and ${copies}.`;
}

function rights(data: ReportData): string {
  const names = [
    ...new Set(data.licences.filter(({ spdx, path }) => spdx !== "NOASSERTION" && !path.includes("/")).map(({ spdx }) => spdx)),
  ];
  const anywhere = [...new Set(data.licences.filter(({ spdx }) => spdx !== "NOASSERTION").map(({ spdx }) => spdx))];
  const licence =
    names.length > 0
      ? `At the top it states ${listed(names.slice(0, MAX_NAMED).map(markdownText))} as its licence.`
      : anywhere.length > 0
        ? `It states no licence at the top; below, ${listed(anywhere.slice(0, MAX_NAMED).map(markdownText))}.`
        : "It states no licence.";
  const kinds = [...new Set(data.manifests.map(({ kind }) => kind))];
  return kinds.length === 0
    ? licence
    : `${licence} Its dependencies are managed with ${listed(kinds.slice(0, MAX_NAMED).map(markdownText))}.`;
}

function whereItStands(data: ReportData): string {
  const { branch, commit } = data.revision;
  const head = commit === undefined ? "" : ` at commit ${markdownCode(commit.slice(0, 12))}`;
  const place = branch === undefined ? head : ` on branch ${markdownCode(branch)}${head}`;
  const kind = data.repository ? `a git work tree${place}` : "a folder outside git";
  return `It was read as ${kind}, from ${markdownCode(data.root)}.`;
}

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}
