// What a person should look at before trusting the data, in one sentence each, the worst first.

import type { ColumnSummary, TableSummary } from "./profile-shape.ts";

const MOST_NAMED = 5;
const MUCH_MISSING = 0.5;

export function tableWarnings(table: Omit<TableSummary, "warnings">): readonly string[] {
  const { rows, columns, faults, duplicate_rows: duplicates, duplicate_rows_exact: exact } = table;
  const {
    short_row: short = 0,
    long_row: long = 0,
    bad_quotes: quotes = 0,
    too_long: tooLong = 0,
    bad_json: json = 0,
    not_an_object: other = 0,
  } = faults.counts;
  const leftOut = tooLong + json + other;
  const having = (hint: string) => columns.filter(({ hints }) => (hints as readonly string[]).includes(hint));
  const sparse = columns.filter(({ missing, type }) => type !== "empty" && rows > 0 && missing / rows >= MUCH_MISSING);
  const ambiguous = columns.filter(({ day_order: order }) => order === "either" || order === "both");
  return [
    ...(rows === 0 ? ["There are no rows."] : []),
    ...(leftOut > 0 ? [`${things(leftOut, "record")} could not be read and ${leftOut === 1 ? "is" : "are"} in no number.`] : []),
    ...(short + long > 0
      ? [
          `${things(short + long, "row")} ${short + long === 1 ? "has" : "have"} not as many fields as the header: ${short} too few, ${long} too many.`,
        ]
      : []),
    ...(quotes > 0 ? [`${things(quotes, "place")} with quotes that do not fit.`] : []),
    ...told(having("mixed_types"), "values of different types"),
    ...told(having("empty"), "no value at all"),
    ...told(sparse, "no value in half of the rows or more"),
    ...told(ambiguous, "dates that do not say whether day or month comes first"),
    ...told(having("leading_zeros"), "integers with zeros in front, so perhaps codes and not quantities"),
    ...told(having("large_integers"), "integers beyond 2^53, whose sums and means are rounded"),
    ...told(
      columns.filter(({ numbers }) => (numbers?.infinite ?? 0) > 0),
      "infinite values, which are in no statistic",
    ),
    ...(duplicates > 0
      ? [`${exact ? "" : "About "}${things(duplicates, "row")} ${duplicates === 1 ? "repeats" : "repeat"} an earlier one.`]
      : []),
    ...(having("constant").length > 0 ? told(having("constant"), "the same value everywhere") : []),
  ];
}

function told(columns: readonly ColumnSummary[], what: string): readonly string[] {
  if (columns.length === 0) return [];
  const names = columns.slice(0, MOST_NAMED).map(({ name }) => JSON.stringify(name.slice(0, 60)));
  const more = columns.length > MOST_NAMED ? ` and ${columns.length - MOST_NAMED} more` : "";
  return [`${things(columns.length, "column")} with ${what}: ${names.join(", ")}${more}.`];
}

function things(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
