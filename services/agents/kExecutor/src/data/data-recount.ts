// The capability data.recount: the second method of a profile. SQLite counts again what data.profile counted, from the table as it is spelled.

import { type Capability, defineCapability } from "@kos/agent";
import Type from "typebox";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { sourceOrder } from "./data-query.ts";
import { openSource, SOURCE_ALTERNATIVES, SourceProperties } from "./data-source.ts";
import type { OrderRunner } from "./run-order.ts";
import type { Recount } from "./sql/recount.ts";

const ONE_HOUR_MS = 3_600_000;

const Input = Type.Object(
  { ...SourceProperties },
  {
    additionalProperties: false,
    title: "data.recount input",
    description: "The same source as that of the profile.",
    anyOf: SOURCE_ALTERNATIVES,
  },
);

const Bound = (title: string) => Type.Union([Type.Number(), Type.Null()], { title });

export const DataRecountOutput = Type.Object(
  {
    rows: Type.Integer({ minimum: 0, title: "Rows", description: "SELECT count(*)." }),
    columns: Type.Array(
      Type.Object({
        name: Type.String({ title: "Name" }),
        missing: Type.Integer({
          minimum: 0,
          title: "Missing",
          description: "NULL, or a text that is empty or a missing token once trimmed.",
        }),
        numbers: Type.Integer({
          minimum: 0,
          title: "Numbers",
          description: "Values that SQLite's numeric affinity turns into a finite number.",
        }),
        sum: Bound("Sum of the numbers"),
        min: Bound("Smallest number"),
        max: Bound("Largest number"),
        sum_slack: Type.Number({
          title: "Slack of the sum",
          description: "How far a sum in another order of additions may be off: 1e-9 of the sum of the amounts.",
        }),
        bound_slack: Type.Number({
          title: "Slack of the bounds",
          description: "How far a bound may be off that is read with more than 19 digits: 1e-12 of the largest amount.",
        }),
        distinct_values: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
          title: "Distinct values",
          description: "count(DISTINCT …) with numbers compared by value; null where there is no number.",
        }),
        distinct_texts: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
          title: "Distinct texts",
          description: "count(DISTINCT …) of the values as they are spelled; null where everything is a number.",
        }),
      }),
      { title: "Columns", description: "In the order of the source." },
    ),
    measured_by: MeasuredBySchema,
  },
  { title: "data.recount output", "x-kos-type": "data.recount" },
);

export function dataRecount(runOrder: OrderRunner): Capability<Type.Static<typeof Input>, Type.Static<typeof DataRecountOutput>> {
  return defineCapability({
    name: "data.recount",
    title: "Count a data set again with SQL",
    description:
      "Loads a data set into SQLite as it is spelled and has SQL count rows, missing values, numbers, sums, bounds and distinct values: a second method to hold a profile against. " +
      "Errors: those of data.profile.",
    input: Input,
    output: DataRecountOutput,
    effects: ["fs.read"],
    output_labels: ["untrusted", "confidential"],
    timeout_ms: ONE_HOUR_MS,
    async run(params, context) {
      await using source = await openSource(params, "", context);
      const order = (descriptors: readonly number[]) => ({ task: "recount", source: sourceOrder([source], descriptors, 0) }) as const;
      const { value } = await runOrder([source], order, context);
      const { rows, columns } = value as Recount;
      return { rows, columns: [...columns], measured_by: measuredBy(context, "data.recount") };
    },
  });
}
