import { stripVTControlCharacters } from "node:util";
import { type RunState, reduceFrame, runStateOf } from "@kos/api";
import { frameOf, planView, STARTED_AT_MS, type Step, taskView } from "@kos/api/scripted-run.fixture";
import { describe, expect, it } from "vitest";
import { createStyle } from "../format/style.ts";
import { textWidth } from "../format/text-width.ts";
import { changeLines, runLines } from "./run-lines.ts";

const canvas = { width: 80, height: 20, nowMs: STARTED_AT_MS + 3200, style: createStyle(false) };

function states(tasks: Parameters<typeof planView>[0], steps: readonly Step[]): readonly RunState[] {
  const all = [runStateOf(planView(tasks))];
  for (const [place, step] of steps.entries()) all.push(reduceFrame(all.at(-1) as RunState, frameOf(step, place + 2)));
  return all;
}

describe("the live view", () => {
  it("gives a row a task and a line that sums up", () => {
    const state = states(
      [taskView("scan", { title: "List the files" }), taskView("metrics"), taskView("report")],
      [
        { event: "task.dispatched", taskId: "scan", fields: { attempt: 1 } },
        { event: "task.succeeded", taskId: "scan" },
        { event: "task.expanded", taskId: "metrics", fields: { count: 4 } },
        { event: "task.succeeded", taskId: "metrics[0]" },
      ],
    ).at(-1) as RunState;
    expect(runLines(state, { ...canvas, nowMs: STARTED_AT_MS + 6000 })).toEqual([
      "✓ scan     List the files  1.0 s",
      "⠴ metrics  Do metrics      ████░░░░░░░░░░░░  1/4  2.0 s",
      "· report   Do report",
      "█████░░░░░░░░░░░  1/3 tasks  6.0 s",
    ]);
  });

  it("never is wider or higher than the terminal, also with wide characters and ten thousand tasks", () => {
    const tasks = Array.from({ length: 10_000 }, (_, place) =>
      taskView(`task_${place}`, {
        title: "データを読み込む 👩‍👩‍👧 und noch viel mehr Text dazu",
        status: place === 7000 ? "failed" : "succeeded",
      }),
    );
    const lines = runLines(runStateOf(planView(tasks)), { ...canvas, width: 50, height: 12, style: createStyle(true) });
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(Math.max(...lines.map((line) => textWidth(line)))).toBeLessThanOrEqual(50);
    expect(lines.map((line) => stripVTControlCharacters(line)).join("\n")).toContain("task_7000");
    expect(lines.map((line) => stripVTControlCharacters(line)).join("\n")).toContain("more tasks");
  });

  it("[R67] lets nothing of a plan move the cursor or make a line", () => {
    const tasks = [
      taskView("a", {
        title: "x\u001b[2J\u202e\n✓ fake",
        status: "failed",
        error: { code: "INTERNAL", message: "m\rn\u0007", retryable: false },
      }),
    ];
    const text = runLines(runStateOf(planView(tasks)), { ...canvas, width: 200 }).join("");
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain("\\u001b[2J\\u202e\\n");
  });

  it("in a log says each change once", () => {
    const all = states(
      [taskView("scan", { title: "List the files" })],
      [
        { event: "task.dispatched", taskId: "scan", fields: { attempt: 1 } },
        { event: "task.attempt_failed", taskId: "scan", fields: { error: { message: "slow" } } },
        { event: "task.dispatched", taskId: "scan", fields: { attempt: 2 } },
        { event: "task.effect_begun", taskId: "scan" },
        { event: "task.succeeded", taskId: "scan" },
      ],
    );
    expect(all.slice(1).map((state, place) => changeLines(all[place] as RunState, state))).toEqual([
      ["scan running: List the files"],
      ["scan again (retry 1): slow"],
      ["scan running: List the files"],
      [],
      ["scan succeeded in 4.0 s"],
    ]);
  });
});
