// Routes about the planner: drafts and playbooks.

import Type from "typebox";
import { PlaybookViewSchema } from "./agent-api.ts";
import { Page, PageQuery } from "./common-schema.ts";
import { PlannedSchema, TaskRequestSchema } from "./plan-api.ts";
import type { Route } from "./route.ts";

export const PLANNER_ROUTES = {
  makePlan: {
    method: "POST",
    path: "/planner/plan",
    scope: "write:plan",
    status: 201,
    tag: "planner",
    summary: "Make a draft without running it",
    body: TaskRequestSchema,
    response: PlannedSchema,
  },
  playbooks: {
    method: "GET",
    path: "/planner/playbook",
    scope: "read:plan",
    status: 200,
    tag: "planner",
    summary: "Playbooks, shipped and own",
    query: Type.Object(PageQuery),
    response: Page(PlaybookViewSchema),
  },
  playbook: {
    method: "GET",
    path: "/planner/playbook/:name",
    scope: "read:plan",
    status: 200,
    tag: "planner",
    summary: "One playbook with its parameters",
    response: PlaybookViewSchema,
  },
} as const satisfies Readonly<Record<string, Route>>;
