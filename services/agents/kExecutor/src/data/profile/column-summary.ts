// What one column comes to, from what was gathered about it.

import { type ColumnType, columnType, KIND_NAMES } from "./column-type.ts";
import type { DateValues } from "./date-values.ts";
import type { DistinctValues } from "./distinct-values.ts";
import { countOutside, type Distribution, fencesOf, histogramOf, numberClasses, quantilesOf, timeClasses } from "./distribution.ts";
import type { Extremes } from "./extremes.ts";
import type { Moments } from "./moments.ts";
import type { ColumnSummary, Hint, NumberFacts } from "./profile-shape.ts";
import type { SeenValues } from "./seen-values.ts";
import { KIND } from "./spelled-value.ts";
import type { TextFacts } from "./text-facts.ts";
import type { ValueSample } from "./value-sample.ts";

export type { ColumnSummary } from "./profile-shape.ts";

export interface ColumnCounts {
  /** Values by kind. */
  readonly kinds: Float64Array;
  infinite: number;
  trues: number;
  zeros: number;
  negatives: number;
  /** Integers written with zeros in front. */
  padded: number;
  /** Integers that a double does not hold exactly. */
  large: number;
  /** Whether the values held are all there are, so that numbers need not be sampled. */
  held: boolean;
  readonly numbers: Moments;
  readonly sample: ValueSample;
  readonly extremes: Extremes;
  readonly dates: DateValues;
  readonly distinct: DistinctValues;
  readonly texts: TextFacts;
}

export interface SummaryOptions {
  readonly rows: number;
  readonly spelled: boolean;
  readonly topValues: number;
}

const MOST_SHOWN_CHARS = 200;
const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** The memory of the column is given back: it can be asked once. The name is the table's to say. */
export function summariseColumn(counts: ColumnCounts, seen: SeenValues, { rows, spelled, topValues }: SummaryOptions): ColumnSummary {
  const present = counts.kinds.reduce((sum, count) => sum + count, 0) - (counts.kinds[KIND.missing] ?? 0);
  const type = datesFit(counts) ? columnType(counts.kinds, spelled) : "string";
  const numeric = type === "integer" || type === "number" || type === "mixed" ? numberFacts(counts, seen, type) : undefined;
  const distinct = { distinct: counts.distinct.count, distinct_exact: counts.distinct.exact, distinct_by: counts.distinct.by };
  const texts = type === "string" || type === "mixed" || type === "json" ? counts.texts : undefined;
  const dates = type === "date" || type === "datetime" ? counts.dates.summary() : undefined;
  const histogram = numeric?.histogram ?? (dates === undefined ? undefined : timeHistogram(dates.sample));
  const summary: ColumnSummary = {
    name: "",
    type,
    kinds: Object.fromEntries(KIND_NAMES.flatMap(([kind, name]) => ((counts.kinds[kind] ?? 0) > 0 ? [[name, counts.kinds[kind]]] : []))),
    missing: rows - present,
    present,
    ...distinct,
    ...bounds(type, counts, dates),
    mean: meanOf(type, counts, present),
    number_count: counts.numbers.count,
    number_sum: counts.numbers.count === 0 ? null : finite(counts.numbers.sum),
    ...(numeric !== undefined && { numbers: numeric.facts }),
    ...(texts?.lengths !== undefined && { length: texts.lengths }),
    top: seen.top(topValues, [KIND.missing]).map(({ text, count }) => ({ value: shown(text), count })),
    top_exact: seen.exact,
    ...(histogram !== undefined && histogram.bins.length > 0 && { histogram }),
    patterns: texts?.patterns() ?? [],
    hints: hintsOf(type, counts, { rows, present }),
    ...(dates?.order !== undefined && { day_order: dates.order }),
  };
  counts.sample.close();
  counts.dates.close();
  counts.distinct.close();
  return summary;
}

/** Where some values can only be day first and others only month first they are no dates of one kind. */
function datesFit(counts: ColumnCounts): boolean {
  return counts.dates.summary()?.order !== "both";
}

function bounds(
  type: ColumnType,
  counts: ColumnCounts,
  dates: { readonly min: string; readonly max: string } | undefined,
): Pick<ColumnSummary, "min" | "max"> {
  const { numbers, extremes, texts, trues, kinds } = counts;
  switch (type) {
    case "integer":
    case "number":
    case "mixed":
      return numbers.count === 0
        ? { min: null, max: null }
        : { min: extremes.smallest[0]?.value ?? null, max: extremes.largest[0]?.value ?? null };
    case "date":
    case "datetime":
      return { min: dates?.min ?? null, max: dates?.max ?? null };
    case "boolean":
      return { min: trues === (kinds[KIND.boolean] ?? 0), max: trues > 0 };
    case "string":
      return { min: texts.min === undefined ? null : shown(texts.min), max: texts.max === undefined ? null : shown(texts.max) };
    case "json":
    case "binary":
    case "empty":
      return { min: null, max: null };
  }
}

function meanOf(type: ColumnType, { numbers, trues }: ColumnCounts, present: number): number | null {
  if (type === "boolean") return present === 0 ? null : trues / present;
  const isNumeric = type === "integer" || type === "number" || type === "mixed";
  return isNumeric && numbers.count > 0 ? finite(numbers.mean) : null;
}

function numberFacts(
  counts: ColumnCounts,
  seen: SeenValues,
  type: ColumnType,
): { readonly facts: NumberFacts; readonly histogram?: NonNullable<ColumnSummary["histogram"]> } | undefined {
  const { numbers, sample, extremes } = counts;
  if (numbers.count === 0) return undefined;
  const distribution = counts.held ? heldNumbers(seen) : { values: sample.sorted(), count: sample.count, exact: sample.exact };
  const [p05 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0] = quantilesOf(distribution, QUANTILES);
  const fences = fencesOf(p25, p75);
  const examples = [
    ...extremes.largest.filter(({ value }) => value > fences.high),
    ...extremes.smallest.filter(({ value }) => value < fences.low),
  ];
  return {
    facts: {
      count: numbers.count,
      sum: numbers.sum,
      median: p50,
      deviation: finite(numbers.deviation),
      quantiles: { p05, p25, p50, p75, p95 },
      exact: distribution.exact,
      zeros: counts.zeros,
      negatives: counts.negatives,
      infinite: counts.infinite,
      outliers: { ...fences, count: countOutside(distribution, fences), examples },
    },
    histogram: {
      of: "numbers",
      exact: distribution.exact,
      bins: histogramOf(distribution, (least, greatest) => numberClasses(least, greatest, type === "integer")),
    },
  };
}

function heldNumbers(seen: SeenValues): Distribution {
  const numbers = [...seen.values()].filter(
    ({ kind, number }) => (kind === KIND.integer || kind === KIND.number) && Number.isFinite(number),
  );
  numbers.sort((one, other) => one.number - other.number);
  const weights = Float64Array.from(numbers, ({ count }) => count);
  return {
    values: Float64Array.from(numbers, ({ number }) => number),
    weights,
    count: weights.reduce((sum, weight) => sum + weight, 0),
    exact: true,
  };
}

function timeHistogram(sample: ValueSample): NonNullable<ColumnSummary["histogram"]> {
  const distribution = { values: sample.sorted(), count: sample.count, exact: sample.exact };
  return { of: "times", exact: sample.exact, bins: histogramOf(distribution, timeClasses) };
}

function hintsOf(
  type: ColumnType,
  counts: ColumnCounts,
  { rows, present }: { readonly rows: number; readonly present: number },
): readonly Hint[] {
  const { distinct, padded, large } = counts;
  return [
    ...(type === "empty" ? (["empty"] as const) : []),
    ...(present > 0 && distinct.exact && distinct.count === 1 ? (["constant"] as const) : []),
    ...(rows > 1 && present === rows && distinct.exact && distinct.count === rows ? (["unique_key"] as const) : []),
    ...(padded > 0 && type === "integer" ? (["leading_zeros"] as const) : []),
    ...(large > 0 && (type === "integer" || type === "number") ? (["large_integers"] as const) : []),
    ...(type === "mixed" ? (["mixed_types"] as const) : []),
  ];
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function shown(text: string): string {
  return text.length > MOST_SHOWN_CHARS ? `${text.slice(0, MOST_SHOWN_CHARS)}…` : text;
}
