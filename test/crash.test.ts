// The crash proof as a person runs it: real nodes, killed with SIGKILL at random instants, nothing lost and nothing done twice.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

interface Report {
  readonly passed: boolean;
  readonly seed: string;
  readonly command: string;
  readonly kills: { readonly node: number; readonly worker: number; readonly by_instant: Readonly<Record<string, number>> };
  readonly plans: number;
  readonly finished_steps_watched: number;
  readonly requests_received: number;
  readonly checks: readonly { readonly id: string; readonly passed: boolean; readonly detail: string; readonly items: readonly string[] }[];
}

test("[R109] two hundred kills of real nodes at random instants: every acknowledged plan ends, no finished step runs again, each keyed effect is seen once", {
  timeout: 600_000,
}, async () => {
  await using folder = await temporaryFolder();
  const report = join(folder.path, "crash.json");
  const result = await kai(["prove", "crash", "--kills", "200", "--report", report], { data: join(folder.path, "data") });
  const found = JSON.parse(readFileSync(report, "utf8")) as Report;
  expect(
    found.checks.filter(({ passed }) => !passed),
    `${found.command}\n${result.stdout}`,
  ).toEqual([]);
  expect(result.code).toBe(0);
  expect(found.passed).toBe(true);
  expect(found.kills.node).toBeGreaterThanOrEqual(200);
  // A proof that did nothing proves nothing.
  for (const [instant, count] of Object.entries(found.kills.by_instant)) expect(count, instant).toBeGreaterThan(10);
  expect(found.plans).toBeGreaterThan(50);
  expect(found.finished_steps_watched).toBeGreaterThan(100);
  expect(found.requests_received).toBeGreaterThan(50);
  expect(found.checks.map(({ id }) => id)).toEqual([
    "opens",
    "acknowledged",
    "once",
    "ended",
    "steps",
    "keyed",
    "plain",
    "audit",
    "evidence",
    "ends",
  ]);
  const text = readFileSync(join(folder.path, "crash.md"), "utf8");
  expect(text).toContain(found.seed);
  expect(text).toContain("npx kai prove crash");
});
