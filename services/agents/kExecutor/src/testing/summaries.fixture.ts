// The documents with reference summaries of testing/summaries/*.yaml. For tests only.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export const SUMMARY_LANGUAGES = ["en", "de", "fr"] as const;
export type SummaryLanguage = (typeof SUMMARY_LANGUAGES)[number];

export interface SummaryCase {
  readonly id: string;
  readonly kind: string;
  readonly split: "dev" | "held_out";
  readonly text: string;
  readonly summary: string;
}

export function summaryCases(language: SummaryLanguage): readonly SummaryCase[] {
  return parse(readFileSync(join(import.meta.dirname, "summaries", `${language}.yaml`), "utf8")) as readonly SummaryCase[];
}
