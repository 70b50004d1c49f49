import type { Explanation, Preview } from "@kos/api";
import { expect, test } from "vitest";
import { createStyle } from "../format/style.ts";
import { estimateLines, explanationLines } from "./estimate-lines.ts";

const plain = createStyle(false);
const DAY_MS = 86_400_000;

function lines(estimate: Partial<Preview["estimate"]>, more: Partial<Preview> = {}): string {
  const none = {
    attempts_max: 1,
    calls_max: 0,
    time_ms_once: 0,
    time_ms_max: 0,
    wait_ms_max: 0,
    units_max: 0,
    effects: [],
    waits: [],
    open_ended: [],
  };
  return estimateLines({ estimate: { tasks: 1, ...none, ...estimate }, findings: [], notes: [], ...more }, plain).join("\n");
}

test("work and waiting stand apart, and days of waiting for a person are no work", () => {
  const text = lines({ tasks: 3, time_ms_once: 90_000, time_ms_max: 270_000, wait_ms_max: 30 * DAY_MS, waits: ["ask"] });
  expect(text).toBe(
    [
      "3 tasks; no effects",
      "Work is cut off after 1 min 30 s when all goes well, after 4 min 30 s with every retry; most runs take a small part of it",
      "Waits in ask, for 30 d 00 h at most",
    ].join("\n"),
  );
});

test("what only waits says nothing of work, and notes and findings are told", () => {
  const text = lines({ wait_ms_max: 5000, waits: ["nap"] }, { notes: ["Given, but not used: x."], findings: [FINDING] });
  expect(text).not.toContain("Work");
  expect(text).toContain("! Given, but not used: x.");
  expect(text).toContain("! $.tasks[0]: look");
});

const FINDING: Preview["findings"][number] = { code: "X", severity: "warning", path: "$.tasks[0]", message: "look" };

test("the reasons of a composed plan name what was passed over, and what was not proven", () => {
  const explanation: Explanation = {
    want: "thing",
    cost: 30,
    cost_at_least: 25,
    proven: false,
    unused: [],
    tasks: [
      {
        task_id: "one",
        cost: 30,
        why: "gives thing, which is wanted",
        instead_of: [
          { capability: "a.b", gives: "thing", plan_cost: 30, proven: true },
          { capability: "c.d", gives: "thing", plan_cost: 41, proven: false },
        ],
      },
    ],
  };
  expect(explanationLines(explanation, 100, plain)).toEqual([
    "Why",
    "  one  gives thing, which is wanted",
    "       a.b would do as well",
    "       not c.d: the plan would count for 41 or less, not 30",
    "The plan counts for 30; the search was cut short, another would count for 25 at least.",
  ]);
});
