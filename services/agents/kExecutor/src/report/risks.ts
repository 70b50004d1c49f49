// What in the numbers deserves a look: each risk is a rule over the measured data, with what it saw. It judges names and counts, never content.

import type { Totals } from "../metrics/tally.ts";
import { formatBytes, formatCount, formatThings } from "../render/amount.ts";
import { missingLockfiles } from "./lockfiles.ts";
import type { GitCount, Merged, Scan } from "./report-data.ts";
import { type Risk, SEVERITIES } from "./risk.ts";

export interface RiskSources {
  readonly scan: Scan;
  readonly merged: Merged;
  readonly totals: Totals;
  readonly git?: GitCount;
}

type Rule = (sources: RiskSources) => Risk | undefined;

const MAX_PATHS = 20;
const LARGE_FILE_BYTES = 10_000_000;
const MANY_WASTED_BYTES = 1_000_000;
const MARKS_PER_1000_LINES = 5;
const FEW_MARKS = 20;
const FEW_CODE_FILES = 20;
const CONFIDENT = 0.9;

const RULES: readonly Rule[] = [
  countsDiffer,
  partsMissing,
  sensitiveFiles,
  noLicence,
  unknownLicence,
  uncertainLicence,
  differentLicences,
  copyleft,
  withoutLockfile,
  damagedManifests,
  vendoredCode,
  largeFiles,
  notRead,
  noTests,
  noAutomation,
  noReadme,
  wastedBytes,
  manyMarks,
];

/** The worst first. */
export function findRisks(sources: RiskSources): readonly Risk[] {
  const found = RULES.flatMap((rule) => rule(sources) ?? []);
  return found.toSorted((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}

function risk(id: string, severity: Risk["severity"], text: string, paths: readonly string[] = []): Risk {
  return { id, severity, text, paths: paths.slice(0, MAX_PATHS) };
}

function countsDiffer({ scan, git }: RiskSources): Risk | undefined {
  if (scan.filtered || git === undefined || !git.repository || git.count === scan.files_total) return undefined;
  return risk(
    "counts_differ",
    "high",
    `Two ways of counting the files disagree: ${formatCount(scan.files_total)} and, by git, ${formatCount(git.count)}. The tree may have changed meanwhile.`,
  );
}

function partsMissing({ merged }: RiskSources): Risk | undefined {
  if (merged.complete) return undefined;
  return risk(
    "incomplete",
    "high",
    `Not every file of the scan is in these numbers: ${formatThings(merged.missing_chunks.length, "part")} could not be measured.`,
  );
}

function sensitiveFiles({ totals }: RiskSources): Risk | undefined {
  const paths = totals.signals.sensitive;
  if (paths.length === 0) return undefined;
  return risk(
    "sensitive_names",
    "high",
    `${formatThings(paths.length, "file is", "files are")} named like a key or a credential. Check that no secret is kept in the code base.`,
    paths,
  );
}

function noLicence({ totals }: RiskSources): Risk | undefined {
  if (totals.licences.length > 0 || totals.files_total === 0) return undefined;
  return risk(
    "no_licence",
    "medium",
    "No licence was found: neither a licence file, nor SPDX lines, nor a statement in a manifest. Without one others may not use the code.",
  );
}

function unknownLicence({ totals }: RiskSources): Risk | undefined {
  const paths = totals.licences
    .filter(({ spdx, path }) => spdx === "NOASSERTION" && !/notice|patents|copyright|legal/i.test(path))
    .map(({ path }) => path);
  if (paths.length === 0) return undefined;
  return risk(
    "unknown_licence",
    "low",
    `${formatThings(paths.length, "licence file holds", "licence files hold")} a text that is not known. Have it read.`,
    paths,
  );
}

function uncertainLicence({ totals }: RiskSources): Risk | undefined {
  const paths = totals.licences
    .filter(({ source, confidence }) => source === "file" && confidence > 0 && confidence < CONFIDENT)
    .map(({ path }) => path);
  if (paths.length === 0) return undefined;
  return risk(
    "changed_licence",
    "low",
    `${formatThings(paths.length, "licence text differs", "licence texts differ")} from the known wording. It may have been changed.`,
    paths,
  );
}

/** A statement in the manifest at the top and a licence file at the top that do not name the same licence. */
function differentLicences({ totals }: RiskSources): Risk | undefined {
  const top = totals.licences.filter(({ path }) => !path.includes("/"));
  const files = top.filter(({ source, spdx }) => source === "file" && spdx !== "NOASSERTION").map(({ spdx }) => spdx);
  const stated = top.find(({ source }) => source === "manifest");
  if (stated === undefined || files.length === 0) return undefined;
  const words = new Set(
    stated.spdx
      .toLowerCase()
      .match(/[a-z0-9.-]+/g)
      ?.map((word) => word.replace(/-(?:only|or-later)$/, "")),
  );
  if (files.some((spdx) => words.has(spdx.toLowerCase()))) return undefined;
  return risk("licences_differ", "medium", `${stated.path} says ${stated.spdx}, but the licence file at the top is ${files.join(", ")}.`, [
    stated.path,
  ]);
}

function copyleft({ totals }: RiskSources): Risk | undefined {
  const strong = totals.licences.filter(({ spdx }) => /\b(?:A?GPL|SSPL|OSL|EUPL|CECILL)-/.test(spdx) && !/ OR /.test(spdx));
  if (strong.length === 0) return undefined;
  const names = [...new Set(strong.map(({ spdx }) => spdx))].slice(0, 5).join(", ");
  return risk(
    "copyleft",
    "low",
    `Some of the code is under a licence that asks for the source of works built on it (${names}).`,
    strong.map(({ path }) => path),
  );
}

function withoutLockfile({ totals }: RiskSources): Risk | undefined {
  const paths = missingLockfiles(totals.manifests, totals.signals.lockfiles);
  if (paths.length === 0) return undefined;
  return risk(
    "no_lockfile",
    "medium",
    `${formatThings(paths.length, "manifest names", "manifests name")} dependencies without a lock file beside or above, so builds may differ from day to day.`,
    paths,
  );
}

function damagedManifests({ totals }: RiskSources): Risk | undefined {
  const paths = totals.manifests.filter(({ error }) => error !== undefined).map(({ path }) => path);
  if (paths.length === 0) return undefined;
  return risk("damaged_manifest", "low", `${formatThings(paths.length, "manifest", "manifests")} could not be read.`, paths);
}

function vendoredCode({ totals }: RiskSources): Risk | undefined {
  const paths = totals.signals.vendored;
  if (paths.length === 0) return undefined;
  return risk(
    "vendored",
    "medium",
    `${formatThings(paths.length, "folder holds", "folders hold")} what looks like other people's code. It counts in every number here, and its updates have to be made by hand.`,
    paths,
  );
}

function largeFiles({ totals }: RiskSources): Risk | undefined {
  const paths = totals.largest.filter(({ bytes }) => bytes >= LARGE_FILE_BYTES).map(({ path }) => path);
  if (paths.length === 0) return undefined;
  return risk(
    "large_files",
    "medium",
    `${formatThings(paths.length, "file is", "files are")} larger than ${formatBytes(LARGE_FILE_BYTES)}, which makes every copy of the repository slow.`,
    paths,
  );
}

function notRead({ scan, merged, totals }: RiskSources): Risk | undefined {
  const skipped = new Set(totals.skipped.map(({ path }) => path));
  const unreadable = scan.unreadable.map(({ path }) => path).filter((path) => !skipped.has(path));
  const count = scan.unreadable_total - (scan.unreadable.length - unreadable.length) + merged.skipped_total;
  if (count === 0) return undefined;
  const paths = [...unreadable, ...skipped];
  return risk(
    "not_read",
    "medium",
    `${formatThings(count, "file or folder", "files or folders")} could not be read, so lines, marks and duplicates may be too low.`,
    paths,
  );
}

function noTests({ totals }: RiskSources): Risk | undefined {
  const code = totals.languages.filter(({ type }) => type === "programming").reduce((sum, { files }) => sum + files, 0);
  if (totals.signals.tests > 0 || code < FEW_CODE_FILES) return undefined;
  return risk("no_tests", "medium", "No file lies in a folder for tests or is named like a test.");
}

function noAutomation({ totals }: RiskSources): Risk | undefined {
  if (totals.signals.ci.length > 0 || totals.files_total < FEW_CODE_FILES) return undefined;
  return risk("no_ci", "low", "No configuration of a known service for continuous integration was found.");
}

function noReadme({ totals }: RiskSources): Risk | undefined {
  if (totals.signals.readme.length > 0 || totals.files_total === 0) return undefined;
  return risk("no_readme", "low", "There is no README at the top.");
}

function wastedBytes({ merged, totals }: RiskSources): Risk | undefined {
  const { wasted_bytes: wasted, groups } = merged.duplicates_total;
  if (wasted === 0 || (wasted < MANY_WASTED_BYTES && wasted < totals.bytes_total / 10)) return undefined;
  return risk(
    "duplicates",
    "low",
    `${formatBytes(wasted)} are copies of files that are there already (${formatThings(groups, "group")}).`,
    totals.duplicates.flatMap(({ files }) => files.slice(0, 2)),
  );
}

function manyMarks({ totals }: RiskSources): Risk | undefined {
  if (totals.todos < FEW_MARKS || (totals.todos / totals.lines_total) * 1000 < MARKS_PER_1000_LINES) return undefined;
  return risk(
    "many_marks",
    "low",
    `${formatCount(totals.todos)} lines are marked for later: more than ${MARKS_PER_1000_LINES} in 1,000.`,
    totals.todo_files.map(({ path }) => path),
  );
}
