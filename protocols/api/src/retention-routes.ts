// Routes about retention.

import { RetentionViewSchema } from "./retention-api.ts";
import type { Route } from "./route.ts";

export const RETENTION_ROUTES = {
  retention: {
    method: "GET",
    path: "/node/retention",
    scope: "read:config",
    status: 200,
    tag: "node",
    summary: "What is kept for how long, what would go now, and what the last run did",
    response: RetentionViewSchema,
  },
  runRetention: {
    method: "POST",
    path: "/node/retention/run",
    scope: "manage:node",
    status: 202,
    tag: "node",
    summary: "Archive and remove what has aged now; it goes on in the background",
    response: RetentionViewSchema,
  },
} as const satisfies Readonly<Record<string, Route>>;
