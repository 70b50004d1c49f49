// What the profile of a data set says, as data. Types only; the schemas beside the capabilities say the same to everyone else.

import type { Fault, FaultKind } from "../read/faults.ts";
import type { ReadFacts } from "../read/table-reader.ts";
import type { ColumnType } from "./column-type.ts";
import type { DateSummary } from "./date-values.ts";
import type { Bin } from "./distribution.ts";
import type { Extreme } from "./extremes.ts";
import type { Pattern } from "./text-facts.ts";

export interface NumberFacts {
  /** Finite numbers. */
  readonly count: number;
  readonly sum: number;
  readonly median: number;
  /** Of the sample, n - 1; null below two values. */
  readonly deviation: number | null;
  readonly quantiles: Readonly<Record<"p05" | "p25" | "p50" | "p75" | "p95", number>>;
  /** Whether median, quantiles, histogram and outliers are of all numbers and not of a sample. */
  readonly exact: boolean;
  readonly zeros: number;
  readonly negatives: number;
  readonly infinite: number;
  readonly outliers: {
    readonly low: number;
    readonly high: number;
    readonly count: number;
    readonly examples: readonly Extreme[];
  };
}

export interface ColumnSummary {
  readonly name: string;
  readonly type: ColumnType;
  /** How many values are of which kind. */
  readonly kinds: Readonly<Partial<Record<ColumnType, number>>>;
  readonly missing: number;
  readonly present: number;
  readonly distinct: number;
  readonly distinct_exact: boolean;
  readonly distinct_by: "value" | "text";
  readonly min: number | string | boolean | null;
  readonly max: number | string | boolean | null;
  readonly mean: number | null;
  /** Finite numbers among the values, also where the column is none of numbers. */
  readonly number_count: number;
  readonly number_sum: number | null;
  readonly numbers?: NumberFacts;
  readonly length?: { readonly min: number; readonly max: number; readonly mean: number };
  readonly top: readonly { readonly value: string; readonly count: number }[];
  /** Whether the counts of `top` are exact; otherwise they are estimates, and a value may be missing from it. */
  readonly top_exact: boolean;
  readonly histogram?: { readonly of: "numbers" | "times"; readonly exact: boolean; readonly bins: readonly Bin[] };
  readonly patterns: readonly Pattern[];
  readonly hints: readonly Hint[];
  readonly day_order?: NonNullable<DateSummary["order"]>;
}

export type Hint = "empty" | "constant" | "unique_key" | "leading_zeros" | "large_integers" | "mixed_types" | "spaces_in_name";

export interface Correlation {
  readonly columns: readonly [string, string];
  /** Pearson's, over the rows in which both are numbers. */
  readonly r: number;
  readonly rows: number;
}

export interface TableSummary {
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
  readonly duplicate_rows: number;
  readonly duplicate_rows_exact: boolean;
  readonly correlations: readonly Correlation[];
  /** Numeric columns among which correlations were looked for. */
  readonly correlated_columns: readonly string[];
  readonly source: ReadFacts & { readonly bytes: number };
  readonly faults: { readonly counts: Readonly<Partial<Record<FaultKind, number>>>; readonly listed: readonly Fault[] };
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}
