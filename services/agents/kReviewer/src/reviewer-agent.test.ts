import { fitsSchema } from "@kos/plan";
import { describe, expect, it } from "vitest";
import { createReviewerAgent } from "./reviewer-agent.ts";

describe("kReviewer:main", () => {
  const capability = createReviewerAgent().capabilities.get("review.check");

  it("offers review.check to a worker, without effects", () => {
    expect(createReviewerAgent().id).toBe("kReviewer:main");
    expect(capability?.description).toMatchObject({ placement: "worker", effects: [], idempotent: true });
  });

  it("answers with a verdict that fits its own schema", async () => {
    const input = { criteria: [{ kind: "assert", expression: "output == 2" }], output: 1, values: {}, artifacts: [], round: 1 };
    expect(fitsSchema(capability?.description.input as object, input)).toBe(true);
    expect(fitsSchema(capability?.description.input as object, { ...input, criteria: [] })).toBe(false);
    const verdict = await capability?.run(input, { artifacts: { get: () => Promise.reject(new Error("unused")) } } as never);
    expect(verdict).toMatchObject({ accepted: false });
    expect(fitsSchema(capability?.description.output as object, verdict)).toBe(true);
  });
});
