// What a review says: accepted or not, how much of it held, and findings that a retry can be fed with.

import Type from "typebox";

const ReviewFindingSchema = Type.Object(
  {
    criterion: Type.String({ description: "Id of the criterion, or its position: criteria[0]." }),
    severity: Type.Enum(["error", "warning"], { description: "Any error means: not accepted." }),
    message: Type.String({ description: "What is wrong, in words that the next attempt can be given." }),
    path: Type.Optional(Type.String({ description: "JSON path of the place, where there is one." })),
    expected: Type.Optional(Type.String({ description: "What the criterion asks for." })),
    actual: Type.Optional(Type.String({ description: "What was found." })),
  },
  { additionalProperties: false },
);
export type ReviewFinding = Type.Static<typeof ReviewFindingSchema>;

export const VerdictSchema = Type.Object(
  {
    accepted: Type.Boolean({ description: "True when every criterion holds." }),
    score: Type.Number({ minimum: 0, maximum: 1, description: "Share of the criteria that hold." }),
    findings: Type.Array(ReviewFindingSchema),
    round: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false, title: "Verdict", "x-kos-type": "review.verdict" },
);
export type Verdict = Type.Static<typeof VerdictSchema>;

/** `outcomes`: the findings of each criterion, in order; a criterion without findings of severity `error` holds. */
export function verdictOf(outcomes: readonly (readonly ReviewFinding[])[], round: number): Verdict {
  const held = outcomes.filter((findings) => findings.every((finding) => finding.severity !== "error")).length;
  return {
    accepted: held === outcomes.length,
    score: outcomes.length === 0 ? 1 : held / outcomes.length,
    findings: outcomes.flat(),
    round,
  };
}
