import type { TSchema } from "typebox";
import { describe, expect, it } from "vitest";
import { SCOPES } from "./route.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

const routes = Object.entries(ROUTES) as [string, Route][];

describe("ROUTES", () => {
  it("[R12] names a known scope for each, and a door for each address and method once", () => {
    for (const [name, { scope }] of routes) expect([name, SCOPES.includes(scope)]).toEqual([name, true]);
    const doors = routes.map(([, { method, path }]) => `${method} ${path.replace(/:[a-z_]+/g, ":")}`);
    expect(new Set(doors).size).toBe(doors.length);
  });

  it("changes nothing by GET, and asks a right of its own for what changes something", () => {
    for (const [name, { method, scope, body, consumes }] of routes) {
      if (method === "GET") expect([name, body, consumes]).toEqual([name, undefined, undefined]);
      else if (name !== "exchangeTicket") expect([name, /^(write|approve|manage):|^read:log$/.test(scope)]).toEqual([name, true]);
    }
  });

  it("[R31] takes no body with fields it does not know", () => {
    for (const [name, { body }] of routes) {
      if (body) expect([name, (body as TSchema & { additionalProperties?: unknown }).additionalProperties]).toEqual([name, false]);
    }
  });

  it("writes paths in the form of the specification", () => {
    for (const [, { path }] of routes) expect(path).toMatch(/^(\/:?[a-z_-]+)+$|^\/\.well-known\/klp\.json$|^\/openapi\.json$/);
    for (const path of ["/agent/task", "/agent/status", "/artifact/upload", "/artifact/:artifact_id", "/planner/plan"]) {
      expect(routes.map(([, route]) => route.path)).toContain(path);
    }
  });
});
