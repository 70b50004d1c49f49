import { reduceFrame, runStateOf, type TaskRow } from "@kos/api";
import { frameOf, planView, STARTED_AT_MS, taskView } from "@kos/api/scripted-run.fixture";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH } from "./layout.ts";
import { neighbourOf } from "./neighbour.ts";
import { nodeSummary } from "./node-summary.ts";
import { runGraph } from "./run-graph.ts";

const task = (taskId: string, dependsOn: readonly string[] = [], change: Partial<TaskRow> = {}) => ({
  taskId,
  capability: "test.echo",
  dependsOn,
  ...change,
});

describe("the graph of a run", () => {
  it("has a node for each task and a line for each dependency", () => {
    const { nodes, edges } = runGraph([task("a"), task("b", ["a"]), task("c", ["a", "b"], { parentId: "b" })]);
    expect(nodes.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(edges.map(({ from, to, isSubtask }) => `${from}${isSubtask ? "-" : ""}>${to}`)).toEqual(["a>b", "b>c", "a>c"]);
  });

  it("draws five hundred alike as one, and keeps what is different", () => {
    const many = Array.from({ length: 500 }, (_, place) => task(`part${place}`, ["begin"]));
    const { nodes, edges } = runGraph([
      task("begin"),
      ...many,
      task(
        "end",
        many.map(({ taskId }) => taskId),
      ),
      task("beside"),
    ]);
    expect(nodes.map(({ taskIds }) => taskIds.length)).toEqual([1, 500, 1, 1]);
    expect(edges).toHaveLength(2);
  });

  it("has room for every node: none lies over another, all within the picture, in both directions", () => {
    const dag = fc
      .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
      .map((links) =>
        links.map((back, place) => task(`t${place}`, [...new Set(back.filter((one) => one < place).map((one) => `t${one}`))])),
      );
    fc.assert(
      fc.property(dag, fc.constantFrom("LR" as const, "TB" as const), (tasks, direction) => {
        const graph = runGraph(tasks);
        const { places, paths, width, height } = layoutGraph(graph, direction);
        const boxes = [...places.values()];
        for (const [place, { x, y }] of boxes.entries()) {
          expect(x >= 0 && y >= 0 && x + NODE_WIDTH <= width && y + NODE_HEIGHT <= height).toBe(true);
          for (const other of boxes.slice(place + 1))
            expect(Math.abs(x - other.x) >= NODE_WIDTH || Math.abs(y - other.y) >= NODE_HEIGHT).toBe(true);
        }
        expect(paths).toHaveLength(graph.edges.length);
        for (const path of paths) expect(path).toMatch(/^M[-\d.,]+C[-\d., C]+$/);
      }),
      { numRuns: 60 },
    );
  });

  it("is walked by arrow keys: ahead before aside, and not beyond its rim", () => {
    const places = new Map([
      ["left", { x: 0, y: 0 }],
      ["right", { x: 300, y: 10 }],
      ["far", { x: 250, y: 400 }],
      ["below", { x: 0, y: 200 }],
    ]);
    expect(neighbourOf("left", "ArrowRight", places)).toBe("right");
    expect(neighbourOf("left", "ArrowDown", places)).toBe("below");
    expect(neighbourOf("right", "ArrowLeft", places)).toBe("left");
    expect(neighbourOf("left", "ArrowLeft", places)).toBeUndefined();
    expect(neighbourOf("left", "Enter", places)).toBeUndefined();
  });
});

describe("what a node says", () => {
  const start = runStateOf(planView([taskView("a"), taskView("b", { depends_on: ["a"] })]));
  const said = (steps: readonly Parameters<typeof frameOf>[0][], id = "a") => {
    const run = steps.reduce((state, step, place) => reduceFrame(state, frameOf(step, place + 2)), start);
    return nodeSummary({ id, taskIds: [id] }, run.tasks, STARTED_AT_MS + 12_000);
  };

  it("counts items and those that failed", () => {
    const items = Array.from({ length: 3 }, (_, place) => ({
      event: place === 1 ? "task.failed" : "task.succeeded",
      taskId: `a[${place}]`,
    }));
    const { line, fraction } = said([{ event: "task.expanded", taskId: "a", fields: { count: 500 } }, ...items]);
    expect(line).toContain("3 of 500, 1 failed");
    expect(fraction).toBeCloseTo(3 / 500);
  });

  it("tells time, retries and when the next attempt comes", () => {
    expect(said([{ event: "task.dispatched", taskId: "a" }]).line).toBe("10 s");
    const again = said([
      { event: "task.dispatched", taskId: "a" },
      {
        event: "task.attempt_failed",
        taskId: "a",
        fields: { error: { message: "x" }, retry_at: new Date(STARTED_AT_MS + 15_000).toISOString() },
      },
    ]);
    expect(again).toMatchObject({ status: "pending", line: "again in 3.0 s · 1 retry" });
  });

  it("of many says first what needs a look", () => {
    const run = [
      { event: "task.dispatched", taskId: "a" },
      { event: "task.failed", taskId: "b", fields: { error: { message: "x" } } },
    ].reduce((state, step, place) => reduceFrame(state, frameOf(step, place + 2)), start);
    expect(nodeSummary({ id: "x", taskIds: ["a", "b"] }, run.tasks, 0)).toMatchObject({ status: "failed", line: "1 of 2, 1 failed" });
  });
});
