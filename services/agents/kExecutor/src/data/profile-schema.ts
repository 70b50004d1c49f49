// The profile of a data set as schemas: what data.profile gives in short, and what its artifact holds in full.

import Type from "typebox";
import { Count } from "../count-schema.ts";
import { COLUMN_TYPES } from "./profile/column-type.ts";
import { DATA_FORMATS } from "./read/table-reader.ts";

const BoundSchema = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);

/** One column in short. Its definitions are the ones that the report prints. */
export const ColumnSchema = Type.Object(
  {
    index: Type.Integer({ minimum: 0, title: "Position", description: "From 0." }),
    name: Type.String({ title: "Name", description: "As in the header; a name that stands twice gets .1, no name becomes column_N." }),
    type: Type.Enum(COLUMN_TYPES, {
      title: "Type",
      description:
        "Of the values that are not missing. In delimited text: integer and number are ASCII digits with sign, point and exponent (no thousands separators); boolean is true and false in any case; " +
        "date and datetime are ISO 8601, year/month/day, day.month.year and month/day/year. Integers among numbers are numbers. Text among other kinds: string, or mixed where the other kinds " +
        "are at least half. In JSON and Parquet a text is never a number, and different types are mixed.",
    }),
    missing: Count(
      "Missing",
      "Values that are missing: empty fields and the missing tokens in delimited text, null, NaN and absent keys in other formats, and fields that a short row lacks.",
    ),
    distinct: Count(
      "Distinct",
      "Different values that are not missing. Numbers of a numeric column are compared by value (1 and 1.0 are one), texts exactly, upper and lower case being different.",
    ),
    distinct_exact: Type.Boolean({
      title: "Exact",
      description: "False where distinct is an estimate by HyperLogLog with a standard error of 0.8 %.",
    }),
    min: {
      ...BoundSchema,
      title: "Smallest",
      description: "Of numbers, dates (as they are written), booleans, or texts by code point; of a mixed column of its numbers.",
    },
    max: { ...BoundSchema, title: "Largest", description: "The same way." },
    mean: Type.Union([Type.Number(), Type.Null()], {
      title: "Mean",
      description: "Of the finite numbers of an integer, number or mixed column; of a boolean column the share that is true; else null.",
    }),
    numbers: Count("Numbers", "How many of the values are finite numbers, also where the column is none of numbers."),
    sum: Type.Union([Type.Number(), Type.Null()], { title: "Sum", description: "Of these numbers." }),
  },
  { title: "Column" },
);

export const FaultCounts = Type.Object(
  {
    short_row: Type.Optional(Type.Integer()),
    long_row: Type.Optional(Type.Integer()),
    bad_quotes: Type.Optional(Type.Integer()),
    too_long: Type.Optional(Type.Integer()),
    bad_json: Type.Optional(Type.Integer()),
    not_an_object: Type.Optional(Type.Integer()),
  },
  {
    title: "Faults",
    description:
      "Rows that were not as they should be. Kept: short_row (the rest counts as missing), long_row (the rest is left out), bad_quotes. Left out: too_long, bad_json, not_an_object.",
  },
);

export const SourceFacts = Type.Object(
  {
    path: Type.Optional(Type.String({ title: "File", "x-kos-type": "fs.path" })),
    artifact: Type.Optional(Type.String({ title: "Artifact" })),
    bytes: Count("Size", "In bytes, as it lies there."),
    format: Type.Enum(DATA_FORMATS, { title: "Format" }),
    compression: Type.Enum(["gzip", "none"], { title: "Compression" }),
    encoding: Type.Optional(Type.String({ title: "Encoding" })),
    delimiter: Type.Optional(Type.String({ title: "Delimiter" })),
    quote: Type.Optional(Type.String({ title: "Quote" })),
    header: Type.Optional(Type.Boolean({ title: "Header", description: "Whether the first row named the columns." })),
  },
  { title: "Source", description: "What was read, and how." },
);
