// Routes about signing in.

import Type from "typebox";
import { LoginLinkSchema } from "./agent-api.ts";
import type { Route } from "./route.ts";

export const AUTH_ROUTES = {
  loginLink: {
    method: "POST",
    path: "/auth/login-link",
    scope: "manage:auth",
    status: 201,
    tag: "auth",
    summary: "A one-time link that signs a browser in",
    response: LoginLinkSchema,
  },
  exchangeTicket: {
    method: "POST",
    path: "/auth/session",
    scope: "open",
    status: 201,
    tag: "auth",
    summary: "Exchange a one-time ticket for a session token",
    body: Type.Object({ ticket: Type.String({ minLength: 16, maxLength: 200 }) }, { additionalProperties: false }),
    response: Type.Object({ token: Type.String(), expires_at: Type.String() }),
  },
  endSession: {
    method: "POST",
    path: "/auth/session/end",
    scope: "manage:auth",
    status: 200,
    tag: "auth",
    summary: "Sign out: the session of that token ends at once",
    body: Type.Object({ token: Type.String({ minLength: 16, maxLength: 200 }) }, { additionalProperties: false }),
    response: Type.Object({ ended: Type.Boolean() }),
  },
  rotateToken: {
    method: "POST",
    path: "/auth/rotate",
    scope: "manage:auth",
    status: 200,
    tag: "auth",
    summary: "Replace the owner's token; the old one ends at once",
    response: Type.Object({ path: Type.String() }),
  },
} as const satisfies Readonly<Record<string, Route>>;
