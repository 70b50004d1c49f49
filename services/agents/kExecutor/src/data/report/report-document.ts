// The JSON of a report on a data set: the profile, and for each kind of number which task obtained it and whether a second count agrees. It formats nothing.

import type Type from "typebox";
import type { MeasuredBy } from "../../measured-by.ts";
import type { ProfileDocument } from "../data-profile.ts";
import type { DataRecountOutput } from "../data-recount.ts";
import type { ColumnSummary } from "../profile/profile-shape.ts";

export type Recount = Type.Static<typeof DataRecountOutput>;

export interface Provenance extends MeasuredBy {
  /** A second count of the same by another way. */
  readonly checked_by?: MeasuredBy & { readonly agrees: boolean };
}

export interface DataReport extends Omit<ProfileDocument, "profile" | "measured_by"> {
  readonly report: "data-profile";
  readonly title: string;
  readonly definitions: Readonly<Record<string, string>>;
  /** Which task obtained the numbers under each key of this document and of its columns. */
  readonly provenance: Readonly<Record<string, Provenance>>;
}

const DEFINITIONS: Readonly<Record<string, string>> = {
  rows: "data rows, without the header, blank lines and records that could not be read; rows with too few or too many fields count",
  type: "of the values that are not missing; in delimited text ASCII numbers, true and false, and dates are recognised",
  missing:
    "empty fields and the missing tokens (by default those of pandas.read_csv) in delimited text; null, NaN and absent keys elsewhere",
  distinct: "different values that are not missing; numbers by value, texts exactly",
  min_max: "of numbers, dates, booleans, or texts by code point; of a mixed column of its numbers",
  mean: "arithmetic mean of the finite numbers; of booleans the share that is true",
  deviation: "standard deviation of the sample, with n - 1",
  quantiles: "by linear interpolation (type 7, as numpy and pandas)",
  outliers: "numbers below q1 - 1.5 (q3 - q1) or above q3 + 1.5 (q3 - q1)",
  duplicate_rows: "rows equal to an earlier one in every column, missing values being equal",
  correlations: "Pearson, over the rows in which both columns have numbers, among the first 16 numeric columns",
};

export function reportDocument(title: string, profile: ProfileDocument, recount: Recount | undefined): DataReport {
  const { profile: _profile, measured_by: by, ...facts } = profile;
  const checked = (agrees: (recount: Recount) => boolean): Provenance =>
    recount === undefined ? by : { ...by, checked_by: { ...recount.measured_by, agrees: agrees(recount) } };
  const everywhere = (agrees: (column: ColumnSummary, again: Recount["columns"][number]) => boolean) =>
    checked(({ columns }) =>
      profile.columns.every((column, index) => {
        const again = columns[index];
        return again !== undefined && agrees(column, again);
      }),
    );
  return {
    report: "data-profile",
    title,
    ...facts,
    definitions: DEFINITIONS,
    provenance: {
      rows: checked(({ rows }) => rows === profile.rows),
      columns: checked(({ columns }) => columns.length === profile.columns.length),
      missing: everywhere((column, again) => column.missing === again.missing),
      distinct: everywhere(
        ({ distinct, distinct_exact: exact }, again) => !exact || distinct === again.distinct_values || distinct === again.distinct_texts,
      ),
      numbers: everywhere((column, again) => column.number_count === again.numbers),
      mean: everywhere(({ number_sum: sum }, again) => near(sum, again.sum, again.sum_slack)),
      min_max: everywhere(
        ({ numbers, min, max }, again) =>
          numbers === undefined || (near(min, again.min, again.bound_slack) && near(max, again.max, again.bound_slack)),
      ),
      duplicate_rows: by,
      correlations: by,
      faults: by,
    },
  };
}

function near(one: unknown, other: number | null, slack: number): boolean {
  return typeof one === "number" && other !== null ? Math.abs(one - other) <= slack : one === other;
}
