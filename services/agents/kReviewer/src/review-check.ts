// The capability review.check.

import { defineCapability } from "@kos/agent";
import { CriterionSchema } from "@kos/plan";
import Type from "typebox";
import { VerdictSchema } from "./verdict.ts";

const Input = Type.Object(
  {
    criteria: Type.Array(CriterionSchema, { minItems: 1, maxItems: 64 }),
    output: Type.Unknown({ description: "The value under review; assertions call it output." }),
    values: Type.Record(Type.String(), Type.Unknown(), {
      description: "Other values that assertions may name: outputs by task id, params, item, index.",
    }),
    artifacts: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          media_type: Type.String(),
          bytes: Type.Integer({ minimum: 0 }),
          hash: Type.String({ pattern: "^sha256:[0-9a-f]{64}$" }),
        },
        { "x-kos-type": "artifact" },
      ),
      { maxItems: 100_000, description: "Artifacts that the work under review has written, oldest first." },
    ),
    round: Type.Integer({ minimum: 1, description: "Counts the reviews of this work from 1." }),
  },
  { additionalProperties: false, title: "review.check input" },
);

/** Runs in a worker: a schema or an assertion that came with a plan must not be able to hold up the engine. */
export const reviewCheck = defineCapability({
  name: "review.check",
  title: "Check a result against its criteria",
  description: "Evaluates JSON Schemas, CEL assertions and artifact checks. A criterion that cannot be evaluated counts as not held.",
  input: Input,
  output: VerdictSchema,
  effects: [],
  idempotent: true,
  placement: "worker",
  async run(params, context) {
    // Loaded with the first review: the node holds this file for its description only.
    const { review } = await import("./review.ts");
    return review(params, context.artifacts);
  },
});
