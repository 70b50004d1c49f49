// The capability data.profile: what a data set holds, column by column, in one pass over it.

import { createHash } from "node:crypto";
import { type Capability, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { sourceOrder } from "./data-query.ts";
import { openSource, SOURCE_ALTERNATIVES, SourceProperties } from "./data-source.ts";
import type { ColumnSummary, TableSummary } from "./profile/profile-shape.ts";
import { ColumnSchema, FaultCounts, SourceFacts } from "./profile-schema.ts";
import type { OrderRunner } from "./run-order.ts";

const ONE_HOUR_MS = 3_600_000;
const DEFAULT_TOP = 10;

const Input = Type.Object(
  {
    ...SourceProperties,
    top_values: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        default: DEFAULT_TOP,
        title: "Top values",
        description: "How many of the most frequent values of each column to name.",
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "data.profile input",
    description: "Exactly one of path and artifact.",
    anyOf: SOURCE_ALTERNATIVES,
  },
);

export const DataProfileOutput = Type.Object(
  {
    source: SourceFacts,
    rows: Type.Integer({
      minimum: 0,
      title: "Rows",
      description:
        "Data rows: without the header, without blank lines, without records that could not be read; rows with too few or too many fields count.",
    }),
    columns: Type.Array(ColumnSchema, { title: "Columns", description: "In the order of the source." }),
    duplicate_rows: Type.Integer({
      minimum: 0,
      title: "Duplicate rows",
      description: "Rows equal to an earlier one in every column, missing values being equal.",
    }),
    duplicate_rows_exact: Type.Boolean({ title: "Exact", description: "False where the number is an estimate." }),
    faults: FaultCounts,
    warnings: Type.Array(Type.String(), { title: "Warnings", description: "What to look at before trusting the data." }),
    notes: Type.Array(Type.String(), { title: "Notes", description: "How the source was read." }),
    profile: {
      ...ArtifactRefSchema,
      title: "Profile",
      description: "Everything: quantiles, deviation, histograms, top values, outliers, patterns, correlations and the faults by line.",
    },
    measured_by: MeasuredBySchema,
  },
  { title: "data.profile output", "x-kos-type": "data.profile" },
);

/** The artifact. */
export interface ProfileDocument extends Omit<TableSummary, "source"> {
  readonly profile: "data-profile";
  readonly format: 1;
  readonly source: Type.Static<typeof SourceFacts>;
  readonly measured_by: Type.Static<typeof MeasuredBySchema>;
}

export function dataProfile(runOrder: OrderRunner): Capability<Type.Static<typeof Input>, Type.Static<typeof DataProfileOutput>> {
  return defineCapability({
    name: "data.profile",
    title: "Profile a data set",
    description:
      "Reads CSV, TSV, JSON, NDJSON or Parquet once, in bounded memory, and says of each column its type, missing and distinct values, smallest, largest and mean, quantiles, distribution, outliers and patterns; " +
      "and of the whole its rows, duplicate rows and correlations. Rows that are not as they should be are named and counted. " +
      "Errors: FORBIDDEN outside the granted folders, NOT_FOUND, BAD_REQUEST for what is no data set, TOO_LARGE, RESOURCE_LIMIT_EXCEEDED.",
    input: Input,
    output: DataProfileOutput,
    effects: ["fs.read"],
    output_labels: ["untrusted", "confidential"],
    timeout_ms: ONE_HOUR_MS,
    async run(params, context) {
      await using source = await openSource(params, "", context);
      const order = (descriptors: readonly number[]) =>
        ({
          task: "profile",
          source: sourceOrder([source], descriptors, 0),
          top_values: params.top_values ?? DEFAULT_TOP,
          key: hashKey(context.idempotencyKey),
        }) as const;
      const { value } = await runOrder([source], order, context);
      const summary = value as TableSummary;
      const warnings = (await source.changed()) ? ["The file was changed while it was read.", ...summary.warnings] : [...summary.warnings];
      const self = measuredBy(context, "data.profile");
      const facts = { ...source.from, ...summary.source };
      const document: ProfileDocument = { profile: "data-profile", format: 1, ...summary, source: facts, warnings, measured_by: self };
      const profile = await context.artifacts.put({
        name: "profile.json",
        media_type: "application/json",
        content: `${JSON.stringify(document, undefined, 1)}\n`,
      });
      return {
        source: facts,
        rows: summary.rows,
        columns: summary.columns.map(shortColumn),
        duplicate_rows: summary.duplicate_rows,
        duplicate_rows_exact: summary.duplicate_rows_exact,
        faults: { ...summary.faults.counts },
        warnings,
        notes: [...summary.notes],
        profile: { ...profile },
        measured_by: self,
      };
    },
  });
}

function shortColumn(column: ColumnSummary, index: number): Type.Static<typeof ColumnSchema> {
  const { name, type, missing, distinct, distinct_exact, min, max, mean, number_count: numbers, number_sum: sum } = column;
  return { index, name, type, missing, distinct, distinct_exact, min, max, mean, numbers, sum };
}

/** What the author of the data cannot know, and the same for every attempt at this call. */
function hashKey(secret: string): readonly [number, number] {
  const digest = createHash("sha256").update(`data.profile ${secret}`).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4)];
}
