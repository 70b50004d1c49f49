// Routes about the web console: it is installed and built on the machine of the node when somebody opens it for the first time.

import Type, { type Static } from "typebox";
import type { Route } from "./route.ts";

/** `missing`: not built yet; `building`: under way; `failed`: see `message`; `absent`: this node came without its sources. */
const CONSOLE_STATES = ["missing", "building", "ready", "failed", "absent"] as const;

const ConsoleStatusSchema = Type.Object({
  state: Type.Enum([...CONSOLE_STATES]),
  /** While building. */
  step: Type.Optional(Type.Union([Type.Literal("install"), Type.Literal("build")])),
  /** Packages that are there, and packages in all, while installing. */
  done: Type.Optional(Type.Integer({ minimum: 0 })),
  total: Type.Optional(Type.Integer({ minimum: 0 })),
  /** What went wrong and what to do. */
  message: Type.Optional(Type.String()),
});
export type ConsoleStatus = Static<typeof ConsoleStatusSchema>;

export const CONSOLE_ROUTES = {
  consoleStatus: {
    method: "GET",
    path: "/console/status",
    scope: "read:config",
    status: 200,
    tag: "console",
    summary: "Whether the web console is built, and how far it is",
    response: ConsoleStatusSchema,
  },
  buildConsole: {
    method: "POST",
    path: "/console/build",
    scope: "manage:node",
    status: 202,
    tag: "console",
    summary: "Install and build the web console, unless that is done or under way",
    response: ConsoleStatusSchema,
  },
} as const satisfies Readonly<Record<string, Route>>;
