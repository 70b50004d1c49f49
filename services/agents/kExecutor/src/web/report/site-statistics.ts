// What many pages have in common in numbers: medians, spreads, how they read.

import type { PageRecord } from "../site/site-record.ts";

export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
  readonly mean: number;
}

export interface SiteReading {
  /** Pages with enough whole sentences to say how they read. */
  readonly pages: number;
  /** Medians over these pages; null where there are none. */
  readonly lix: number | null;
  /** Over the English ones. */
  readonly flesch: number | null;
  readonly languages: readonly {
    readonly language: string;
    readonly pages: number;
    readonly words: number;
    readonly lix: number | null;
    readonly flesch: number | null;
  }[];
}

/** Nearest rank: the smallest value that at least that part of all values does not exceed. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    median: rank(0.5),
    p90: rank(0.9),
    max: sorted.at(-1) ?? 0,
    mean: sorted.length === 0 ? 0 : Math.round(sum / sorted.length),
  };
}

export function readingOf(pages: readonly PageRecord[]): SiteReading {
  const byLanguage = Map.groupBy(pages, ({ language }) => language);
  return {
    pages: pages.filter(({ lix }) => lix !== undefined).length,
    lix: medianOf(pages, "lix"),
    flesch: medianOf(pages, "flesch"),
    languages: [...byLanguage]
      .map(([language, members]) => ({
        language,
        pages: members.length,
        words: members.reduce((sum, { words }) => sum + words, 0),
        lix: medianOf(members, "lix"),
        flesch: medianOf(members, "flesch"),
      }))
      .sort((one, other) => other.pages - one.pages || (one.language < other.language ? -1 : 1)),
  };
}

function medianOf(pages: readonly PageRecord[], measure: "lix" | "flesch"): number | null {
  const values = pages.flatMap((page) => page[measure] ?? []);
  return values.length === 0 ? null : distribution(values).median;
}
