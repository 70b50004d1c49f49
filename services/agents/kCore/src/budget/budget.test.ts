import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AMOUNT_KINDS, applyBudget, type BudgetState, entryKey, reserve, settledAmounts } from "./budget.ts";
import type { Amounts } from "./budget-event.ts";
import { budgetIdOf } from "./budget-id.ts";

const limits = fc.record(
  { time_ms: fc.integer({ min: 1, max: 500 }), attempts: fc.integer({ min: 1, max: 10 }), calls: fc.integer({ min: 1, max: 10 }) },
  { requiredKeys: [] },
);
const action = fc.record({
  kind: fc.constantFrom("reserve", "settle", "release", "doubt"),
  task: fc.integer({ min: 0, max: 4 }),
  time: fc.integer({ min: 1, max: 300 }),
  used: fc.integer({ min: 0, max: 1000 }),
  calls: fc.integer({ min: 0, max: 1 }),
});

function open(limit: Partial<Amounts>): BudgetState {
  return applyBudget(undefined, { type: "budget.opened", payload: { plan_id: "p", limits: limit } }, "b");
}

describe("budget", () => {
  it("[R103] never lets used and reserved together pass a limit, whatever is reserved, settled, released or in doubt", () => {
    fc.assert(
      fc.property(limits, fc.array(action, { maxLength: 60 }), (limit, actions) => {
        const state = open(limit);
        for (const [attempt, { kind, task, time, used, calls }] of actions.entries()) {
          const [firstKey] = state.open.keys();
          const [taskId = "", at = "0"] = (firstKey ?? "").split("#");
          if (kind === "reserve") {
            const answer = reserve(state, { time_ms: time, attempts: 1, calls, units: 0 });
            if (answer.outcome === "granted")
              applyBudget(state, { type: "budget.reserved", payload: { task_id: `t${task}`, attempt, amounts: answer.amounts } }, "b");
          } else if (kind === "settle" && firstKey !== undefined) {
            const amounts = settledAmounts(state, taskId, Number(at), used);
            if (amounts !== undefined)
              applyBudget(state, { type: "budget.settled", payload: { task_id: taskId, attempt: Number(at), amounts } }, "b");
          } else if (kind === "release" && firstKey !== undefined) {
            applyBudget(state, { type: "budget.released", payload: { task_id: taskId, attempt: Number(at) } }, "b");
          }
          for (const amount of AMOUNT_KINDS) {
            const bound = (limit as Partial<Amounts>)[amount];
            if (bound !== undefined) expect(state.used[amount] + state.reserved[amount]).toBeLessThanOrEqual(bound);
            expect(state.reserved[amount]).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  it("waits while others hold what is left, and is exceeded when not even they could give it back", () => {
    const state = open({ attempts: 1 });
    const wish = { time_ms: 10, attempts: 1, calls: 0, units: 0 };
    applyBudget(state, { type: "budget.reserved", payload: { task_id: "a", attempt: 1, amounts: wish } }, "b");
    expect(reserve(state, wish)).toEqual({ outcome: "wait" });
    applyBudget(state, { type: "budget.settled", payload: { task_id: "a", attempt: 1, amounts: wish } }, "b");
    expect(reserve(state, wish)).toEqual({ outcome: "exceeded", kind: "attempts", limit: 1, used: 1, wanted: 1 });
  });

  it("gives a call the time that is left rather than none", () => {
    const state = open({ time_ms: 100 });
    expect(reserve(state, { time_ms: 60_000, attempts: 1, calls: 0, units: 0 })).toMatchObject({
      outcome: "granted",
      amounts: { time_ms: 100 },
    });
  });

  it("has a stream of its own, found from the plan alone", () => {
    const planId = "01a3185c-5000-7223-9689-3c4984698c69";
    expect(budgetIdOf(planId)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(budgetIdOf(planId)).toBe(budgetIdOf(planId));
    expect(entryKey("a", 1)).not.toBe(entryKey("a", 2));
  });
});
