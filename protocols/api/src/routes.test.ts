import type { TSchema } from "typebox";
import { describe, expect, it } from "vitest";
import type { Route } from "./route.ts";
import { SCOPES } from "./route.ts";
import { ROUTES } from "./routes.ts";

const routes = Object.entries(ROUTES) as [string, Route][];

describe("ROUTES", () => {
  it("[R12] names a known scope for each, and a door for each address and method once", () => {
    for (const [name, { scope }] of routes) expect([name, SCOPES.includes(scope)]).toEqual([name, true]);
    const doors = routes.map(([, { method, path }]) => `${method} ${path.replace(/:[a-z_]+/g, ":")}`);
    expect(new Set(doors).size).toBe(doors.length);
  });

  it("changes nothing by GET, and asks a right of its own for what changes something", () => {
    const reads = routes.filter(([, { method }]) => method === "GET");
    expect(reads.filter(([, { body, consumes }]) => body !== undefined || consumes !== undefined)).toEqual([]);
    const changes = routes.filter(([name, { method }]) => method !== "GET" && name !== "exchangeTicket");
    expect(changes.filter(([, { scope }]) => !/^(write|approve|manage):|^read:(log|artifact)$/.test(scope))).toEqual([]);
  });

  it("[R31] takes no body with fields it does not know", () => {
    const open = routes.filter(
      ([, { body }]) => body && (body as TSchema & { additionalProperties?: unknown }).additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  it("writes paths in the form of the specification", () => {
    for (const [, { path }] of routes) expect(path).toMatch(/^(\/:?[a-z_-]+)+$|^\/\.well-known\/klp\.json$|^\/openapi\.json$/);
    for (const path of ["/agent/task", "/agent/status", "/artifact/upload", "/artifact/:artifact_id", "/planner/plan"]) {
      expect(routes.map(([, route]) => route.path)).toContain(path);
    }
  });
});
