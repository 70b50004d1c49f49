// The JSON of a report on a code base: every number, and for each which task obtained it. It reads nothing and formats nothing.

import type Type from "typebox";
import type { GitLsFilesOutput } from "../git/git-ls-files.ts";
import type { CodeMergeOutput } from "../metrics/code-merge.ts";
import type { Totals } from "../metrics/tally.ts";
import type { FsScanOutput } from "../scan/fs-scan.ts";
import type { Risk } from "./risk.ts";

export type Scan = Type.Static<typeof FsScanOutput>;
export type Merged = Type.Static<typeof CodeMergeOutput>;
export type GitCount = Type.Static<typeof GitLsFilesOutput>;

export interface Provenance {
  readonly task: string;
  readonly capability: string;
  /** The tasks whose results it was joined from. */
  readonly from?: readonly string[];
  /** A second count of the same thing by another way. */
  readonly checked_by?: { readonly task: string; readonly capability: string; readonly value: number; readonly agrees: boolean };
}

export interface ReportData extends Totals {
  readonly report: "repo-report";
  readonly format: 1;
  readonly title: string;
  readonly root: string;
  readonly scanned_at: string;
  readonly repository: boolean;
  readonly filtered: boolean;
  readonly revision: Scan["revision"];
  readonly kinds: Scan["kinds"];
  /** Whether every file of the scan is in the sums. */
  readonly complete: boolean;
  readonly missing_chunks: readonly number[];
  readonly duplicates_total: Merged["duplicates_total"];
  readonly unreadable: Scan["unreadable"];
  readonly unreadable_total: number;
  readonly notes: readonly string[];
  readonly risks: readonly Risk[];
  /** The number of each key of this document that holds one, and who obtained it. */
  readonly provenance: Readonly<Record<string, Provenance>>;
}

const FROM_SCAN = ["root", "scanned_at", "repository", "filtered", "revision", "kinds", "unreadable", "unreadable_total", "notes"] as const;
const FROM_FILES = [
  "text_files",
  "binary_files",
  "empty_files",
  "lines_total",
  "languages",
  "unrecognised",
  "todos",
  "todos_by_marker",
  "todo_items",
  "todo_files",
  "largest",
  "duplicates",
  "duplicates_total",
  "licences",
  "manifests",
  "areas",
  "sizes",
  "signals",
  "skipped",
  "changed",
  "complete",
  "missing_chunks",
] as const;

export interface ReportSources {
  readonly title: string;
  readonly scan: Scan;
  readonly merged: Merged;
  /** All lists of `merged` in full. */
  readonly totals: Totals;
  readonly git?: GitCount;
  readonly risks: readonly Risk[];
  readonly risksBy: { readonly task: string; readonly capability: string };
}

export function reportData({ title, scan, merged, totals, git, risks, risksBy }: ReportSources): ReportData {
  return {
    report: "repo-report",
    format: 1,
    title,
    root: scan.root,
    scanned_at: scan.scanned_at,
    repository: scan.repository,
    filtered: scan.filtered,
    revision: scan.revision,
    ...totals,
    files_total: scan.files_total,
    bytes_total: scan.bytes_total,
    kinds: scan.kinds,
    complete: merged.complete,
    missing_chunks: merged.missing_chunks,
    duplicates_total: merged.duplicates_total,
    unreadable: scan.unreadable,
    unreadable_total: scan.unreadable_total,
    notes: scan.notes,
    risks,
    provenance: provenance(scan, merged, git, risksBy),
  };
}

function provenance(scan: Scan, merged: Merged, git: GitCount | undefined, risksBy: Provenance): Readonly<Record<string, Provenance>> {
  const joined = { ...merged.measured_by, from: merged.parts };
  return {
    files_total: { ...scan.measured_by, ...secondCount(scan, git, git?.count, scan.files_total) },
    bytes_total: { ...scan.measured_by, ...secondCount(scan, git, git?.bytes, scan.bytes_total) },
    ...Object.fromEntries(FROM_SCAN.map((key) => [key, scan.measured_by])),
    ...Object.fromEntries(FROM_FILES.map((key) => [key, joined])),
    risks: risksBy,
  };
}

/** git counts everything, so a filtered scan cannot be compared. */
function secondCount(scan: Scan, git: GitCount | undefined, value: number | undefined, first: number): Pick<Provenance, "checked_by"> {
  if (scan.filtered || git === undefined || !git.repository || value === undefined) return {};
  return { checked_by: { ...git.measured_by, value, agrees: value === first } };
}
