import type { PlanView } from "@kos/api";
import { frameOf, planView, taskView } from "@kos/api/scripted-run.fixture";
import { describe, expect, it } from "vitest";
import { answerForm } from "./answer-form.ts";
import { logLineOf } from "./event-sentence.ts";
import { hashesIn, outputFacts } from "./output-facts.ts";
import { type RunActions, runCommands } from "./run-commands.ts";

const actions: RunActions = {
  ask: () => undefined,
  pause: async () => undefined,
  resume: async () => undefined,
  start: async () => undefined,
  attend: () => undefined,
  verify: () => undefined,
  openResults: () => undefined,
};

describe("commands of a run", () => {
  const idsOf = (view: PlanView) => runCommands(view, view.plan.status, actions).map(({ id }) => id.replace("run.", ""));

  it.each([
    ["draft", ["start", "cancel", "verify"]],
    ["running", ["pause", "cancel", "verify"]],
    ["paused", ["resume", "cancel", "verify"]],
    ["waiting_approval", ["cancel", "verify"]],
    ["failed", ["retry", "verify"]],
    ["cancelled", ["retry", "verify"]],
    ["succeeded", ["results", "verify"]],
  ] as const)("in state %s are %j", (status, ids) => {
    expect(idsOf(planView([taskView("a")], { status }))).toEqual(ids);
  });

  it("lead first to what waits for a person", () => {
    expect(idsOf(planView([taskView("a", { status: "in_doubt" })], { status: "in_doubt" }))[0]).toBe("attend");
  });

  it("have keys that do not collide", () => {
    const keys = runCommands(planView([taskView("a", { status: "in_doubt" })]), "running", actions).flatMap(({ altKey }) => altKey ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("sentences of the log", () => {
  const said = (event: string, fields: Readonly<Record<string, unknown>> = {}) => logLineOf(frameOf({ event, taskId: "a", fields }, 3));

  it("say what happened, who did it and why", () => {
    expect(said("approval.decided", { decision: "approved", by: "person:owner", reason: "looks right" })).toMatchObject({
      tone: "good",
      text: "Approved by the owner (“looks right”).",
      seq: 3,
      taskId: "a",
    });
    expect(said("task.attempt_failed", { error: { message: "slow" } })?.text).toBe("Did not work, will be tried again: slow");
    expect(said("plan.finished", { status: "failed", error: { message: "gone" } })).toMatchObject({
      tone: "bad",
      text: "The run has failed: gone",
    });
  });

  it("show an event of a newer node by its name, and broken payloads without harm", () => {
    expect(said("task.teleported")?.text).toBe("task teleported");
    expect(logLineOf({ ...frameOf({ event: "task.failed" }, 1), payload: { status: "x", data: null } })).toBeUndefined();
    for (const error of [null, 7, "x", {}]) expect(said("task.failed", { error })?.text).toBe("Failed: no reason was given.");
  });

  it("[R95] hand on what tasks say as text, markup and all", () => {
    expect(said("input.requested", { question: '<img src=x onerror="alert(1)">' })?.text).toBe('Asks: <img src=x onerror="alert(1)">');
  });
});

describe("an output in short", () => {
  it("names plain values and counts lists", () => {
    expect(outputFacts({ files_total: 3, title: "x", ok: true, risks: [1, 2], html: { hash: "h", media_type: "text/html" } })).toEqual([
      { name: "Files total", text: "3" },
      { name: "Title", text: "x" },
      { name: "Ok", text: "yes" },
      { name: "Risks", text: "2" },
    ]);
    expect(outputFacts(null)).toEqual([]);
    expect(outputFacts("done")).toEqual([{ name: "Result", text: "done" }]);
  });

  it("tells the files it refers to from those that it does not", () => {
    expect([...hashesIn({ a: [{ hash: "1", media_type: "text/html" }], b: { hash: "2" } })]).toEqual(["1"]);
  });
});

describe("the form of a question", () => {
  it("has an object's properties as fields, and one field for anything else", () => {
    const object = { type: "object", properties: { decision: { enum: ["accept"] } } };
    expect(answerForm({ schema: object })).toEqual({ schema: object, isWrapped: false });
    expect(answerForm({ schema: { type: "integer" } })).toMatchObject({
      isWrapped: true,
      schema: { properties: { answer: { type: "integer" } } },
    });
    expect(answerForm({})).toMatchObject({ isWrapped: true, schema: { properties: { answer: { type: "string" } }, required: ["answer"] } });
  });
});
