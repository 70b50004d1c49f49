import { describe, expect, it } from "vitest";
import type { Contender, FigureSpec, Suite } from "./figure.ts";
import { runSuite } from "./run-suite.ts";

const figures: readonly FigureSpec[] = [
  { id: "ours", title: "ours", unit: "1/s", better: "higher", beside: "floor", target: { of: "ratio", must: 0.5, aim: 0.9 } },
  { id: "floor", title: "floor", unit: "1/s", better: "higher" },
];

function suiteOf(specs: readonly FigureSpec[]): Suite {
  return { name: "tried", title: "tried", figures: specs, open: () => Promise.reject(new Error("opened by the test")) };
}

function contender(id: string, values: readonly number[], order: string[] = []): Contender {
  let turn = 0;
  return {
    name: id,
    async measure() {
      order.push(id);
      return { [id]: values[turn++ % values.length] ?? 0 };
    },
  };
}

function run(contenders: readonly Contender[], options: { readonly specs?: readonly FigureSpec[]; readonly steals?: number[] } = {}) {
  const steals = options.steals ?? [];
  return runSuite(
    suiteOf(options.specs ?? figures),
    { contenders, warmUps: 0, [Symbol.asyncDispose]: () => Promise.resolve() },
    { runs: 3, notes: [], onRound: () => undefined, watchSteal: () => () => steals.shift() },
  );
}

describe("a suite that is run", () => {
  it("gives every contender its turn in every round", async () => {
    const order: string[] = [];
    await run([contender("ours", [1], order), contender("floor", [1], order)]);
    expect(order).toEqual(["ours", "floor", "ours", "floor", "ours", "floor"]);
  });

  it("takes ratios within a round, so that a slow round does not count against one of the two", async () => {
    const report = await run([contender("ours", [50, 5, 500]), contender("floor", [100, 10, 1000])]);
    expect(report.figures[0]).toMatchObject({ median: 50, min: 5, max: 500, runs: 3, ratio: 0.5, verdict: "must" });
    expect(report.figures[0]?.beside).toEqual({ id: "floor", title: "floor", median: 100 });
  });

  it("repeats a run from which the host took more than eight percent", async () => {
    const report = await run([contender("floor", [1, 2, 3, 4])], { steals: [9, 0, 0, 0] });
    expect(report.figures[0]).toMatchObject({ min: 2, max: 4, repeated: 1, steal_percent: 0 });
  });

  it("keeps a disturbed run after two more tries, and says what was taken", async () => {
    const report = await run([contender("floor", [1])], { steals: [20, 21, 22, 0, 0] });
    expect(report.figures[0]).toMatchObject({ repeated: 2, steal_percent: 22 });
  });

  it("judges a cost by what is low", async () => {
    const specs: readonly FigureSpec[] = [
      { id: "ours", title: "ours", unit: "ms", better: "lower", target: { of: "value", must: 10, aim: 5 } },
    ];
    expect((await run([contender("ours", [4])], { specs })).figures[0]?.verdict).toBe("aim");
    expect((await run([contender("ours", [7])], { specs })).figures[0]?.verdict).toBe("must");
    expect((await run([contender("ours", [11])], { specs })).figures[0]?.verdict).toBe("missed");
  });

  it("does not lose a figure that nobody listed", async () => {
    await expect(run([contender("other", [1])])).rejects.toThrow("other");
  });
});
