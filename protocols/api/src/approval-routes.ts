// Routes about what waits for a person: approvals and questions.

import Type from "typebox";
import { Page, PageQuery } from "./common-schema.ts";
import { AnswerSchema, ApprovalSchema, DecisionSchema, TaskAcceptedSchema } from "./plan-api.ts";
import type { Route } from "./route.ts";

export const APPROVAL_ROUTES = {
  approvals: {
    method: "GET",
    path: "/agent/approval",
    scope: "read:plan",
    status: 200,
    tag: "approval",
    summary: "Approvals, open ones first",
    query: Type.Object({ ...PageQuery, plan_id: Type.Optional(Type.String()), status: Type.Optional(Type.String()) }),
    response: Page(ApprovalSchema),
  },
  decide: {
    method: "POST",
    path: "/agent/approval/:approval_id",
    scope: "approve:plan",
    status: 200,
    tag: "approval",
    summary: "Approve or deny exactly what the digest names",
    body: DecisionSchema,
    response: ApprovalSchema,
  },
  answer: {
    method: "POST",
    path: "/agent/answer/:input_id",
    scope: "approve:plan",
    status: 200,
    tag: "approval",
    summary: "Answer a question a plan waits on",
    body: AnswerSchema,
    response: TaskAcceptedSchema,
  },
} as const satisfies Readonly<Record<string, Route>>;
