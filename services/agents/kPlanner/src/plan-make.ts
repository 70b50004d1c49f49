// The capability plan.make.

import type { Capability } from "@kos/agent";
import { defineCapability } from "@kos/agent";
import { FINDING_CODES, PlanGraphSchema } from "@kos/plan";
import Type from "typebox";
import { ExplanationSchema } from "./compose/explain.ts";
import { EstimateSchema } from "./estimate.ts";
import type { PlannerParts } from "./make-plan.ts";
import { makePlan } from "./make-plan.ts";
import type { PlanRequest } from "./plan-request.ts";
import { PlanRequestSchema } from "./plan-request.ts";

const FindingSchema = Type.Object(
  {
    code: Type.Enum(FINDING_CODES),
    severity: Type.Enum(["error", "warning"]),
    path: Type.String(),
    message: Type.String(),
    hint: Type.String(),
    task_id: Type.Optional(Type.String()),
    source: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const Output = Type.Object(
  {
    graph: PlanGraphSchema,
    hash: Type.String({ pattern: "^sha256:[0-9a-f]{64}$" }),
    findings: Type.Array(FindingSchema),
    estimate: EstimateSchema,
    approvals: Type.Record(Type.String(), Type.String(), { description: "Task id to the reason why a person must approve its calls." }),
    notes: Type.Array(Type.String(), { description: "What the caller should know about how the plan came about." }),
    explanation: Type.Optional(ExplanationSchema),
  },
  { additionalProperties: false, title: "plan.make output" },
);
type MadePlanOutput = Type.Static<typeof Output>;

/** Runs beside the engine: it reads our own files and maps data, nothing more. */
export function planMake(parts: PlannerParts): Capability<PlanRequest, MadePlanOutput> {
  return defineCapability({
    name: "plan.make",
    title: "Make a plan",
    description:
      "Turns a plan, a playbook with parameters, a single call, or what is given and wanted into a checked plan graph, with an estimate of what it may take.",
    input: PlanRequestSchema,
    output: Output,
    effects: [],
    idempotent: true,
    placement: "inline",
    timeout_ms: 30_000,
    async run(params) {
      const made = await makePlan(params, parts);
      const { explanation, ...rest } = made;
      return {
        ...rest,
        findings: [...made.findings],
        approvals: { ...made.approvals },
        notes: [...made.notes],
        ...(explanation !== undefined && { explanation }),
      };
    },
  });
}
