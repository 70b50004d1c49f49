import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRoute, parseRoute, type Route } from "./route.ts";

const PLAN = "019a8c3e-7b1a-7000-8000-0000a1b2c3d4";

describe("addresses", () => {
  it.each<Route>([
    { page: "start" },
    { page: "new", playbook: "a b/c" },
    { page: "runs", status: "" },
    { page: "runs", status: "failed,cancelled" },
    { page: "run", planId: PLAN, part: "plan" },
    { page: "run", planId: PLAN, part: "log", task: "metrics[3]" },
    { page: "agents" },
    { page: "schedules" },
    { page: "verify" },
  ])("come back as the page they were made from: %j", (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it.each(["#/nope", "#/runs/x/nope", "#/runs/x/log/more", "#/agents/x", "#/new"])("%s names nothing", (hash) => {
    expect(parseRoute(hash)).toMatchObject({ page: "unknown" });
  });

  it("[R9] never name a place outside, and never throw", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(formatRoute(parseRoute(`#/${text}`)).startsWith("#")).toBe(true);
      }),
    );
  });
});
