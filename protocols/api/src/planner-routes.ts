// Routes about the planner: drafts and playbooks.

import Type from "typebox";
import { Page, PageQuery } from "./common-schema.ts";
import { PlannedSchema, PreviewSchema, TaskRequestSchema } from "./plan-api.ts";
import {
  PlaybookCheckRequestSchema,
  PlaybookCheckSchema,
  PlaybookDraftRequestSchema,
  PlaybookTextSchema,
  PlaybookViewSchema,
  RemovedPlaybookSchema,
  SavedPlaybookSchema,
  SavePlaybookSchema,
} from "./playbook-api.ts";
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
  previewPlan: {
    method: "POST",
    path: "/planner/preview",
    scope: "write:plan",
    status: 200,
    tag: "planner",
    summary: "What a plan would be; nothing is stored",
    body: TaskRequestSchema,
    response: PreviewSchema,
  },
  savePlaybook: {
    method: "POST",
    path: "/planner/playbook",
    scope: "write:plan",
    status: 201,
    tag: "planner",
    summary: "Save a playbook of your own; one that is there is replaced only on demand, and kept",
    body: SavePlaybookSchema,
    response: SavedPlaybookSchema,
  },
  removePlaybook: {
    method: "DELETE",
    path: "/planner/playbook/:name",
    scope: "write:plan",
    status: 200,
    tag: "planner",
    summary: "Put a playbook of your own away",
    response: RemovedPlaybookSchema,
  },
  checkPlaybook: {
    method: "POST",
    path: "/planner/check",
    scope: "write:plan",
    status: 200,
    tag: "planner",
    summary: "Everything that is wrong with a playbook, with file, line and column",
    body: PlaybookCheckRequestSchema,
    response: PlaybookCheckSchema,
  },
  draftPlaybook: {
    method: "POST",
    path: "/planner/draft",
    scope: "write:plan",
    status: 200,
    tag: "planner",
    summary: "The text of a new playbook, from a plan or to begin with; nothing is saved",
    body: PlaybookDraftRequestSchema,
    response: PlaybookTextSchema,
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
