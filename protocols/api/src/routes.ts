// The whole REST surface as one table, put together from one table a service. Every route has a scope; a door without one does not exist.

import { AGENT_ROUTES } from "./agent-routes.ts";
import { APPROVAL_ROUTES } from "./approval-routes.ts";
import { ARTIFACT_ROUTES } from "./artifact-routes.ts";
import { AUTH_ROUTES } from "./auth-routes.ts";
import { CONSOLE_ROUTES } from "./console-routes.ts";
import { NODE_ROUTES } from "./node-routes.ts";
import { PLAN_ROUTES } from "./plan-routes.ts";
import { PLANNER_ROUTES } from "./planner-routes.ts";
import { RETENTION_ROUTES } from "./retention-routes.ts";
import type { Route } from "./route.ts";
import { SCHEDULE_ROUTES } from "./schedule-routes.ts";

export const ROUTES = {
  ...AGENT_ROUTES,
  ...PLAN_ROUTES,
  ...APPROVAL_ROUTES,
  ...SCHEDULE_ROUTES,
  ...PLANNER_ROUTES,
  ...ARTIFACT_ROUTES,
  ...AUTH_ROUTES,
  ...NODE_ROUTES,
  ...RETENTION_ROUTES,
  ...CONSOLE_ROUTES,
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;
