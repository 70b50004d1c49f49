import { describe, expect, it } from "vitest";
import { CATALOGUE, task } from "./catalogue.fixture.ts";
import type { SubtaskRequest } from "./check-subtasks.ts";
import { checkSubtasks } from "./check-subtasks.ts";

const parent = task("parent", "sys.exec", { argv: ["x"] });
const before = task("before", "fs.scan", { path: "/tmp" });
const after = task("after", "test.echo", { x: "${parent}" });

function request(added: readonly unknown[], fields: Partial<SubtaskRequest> = {}): SubtaskRequest {
  return { tasks: [before, parent, after], parentId: "parent", added, parentLabels: [], labels: new Map(), ...fields };
}

function codes(added: readonly unknown[], fields: Partial<SubtaskRequest> = {}): readonly string[] {
  return checkSubtasks(request(added, fields), CATALOGUE).findings.map((finding) => `${finding.code} ${finding.path}`);
}

describe("subtasks", () => {
  it("[P80] may use the plan's results and each other's, and get their parent", () => {
    const result = checkSubtasks(
      request([task("s1", "fs.scan", { path: "${before.root}" }), task("s2", "test.echo", { x: "${s1.files}" })]),
      CATALOGUE,
    );
    expect(result.findings).toEqual([]);
    expect(result.tasks.map((entry) => entry.parent_id)).toEqual(["parent", "parent"]);
  });

  it("[R106] cannot have an effect that the parent does not have", () => {
    expect(codes([task("s", "http.request", { url: "https://x" })])).toEqual(["RIGHTS_EXCEEDED $.tasks[0].capability"]);
    const review = {
      criteria: [{ kind: "schema" as const, schema: true }],
      fallback: { capability: "http.request", params: { url: "https://x" } },
    };
    expect(codes([task("s", "test.echo", {}, { review })])).toEqual(["RIGHTS_EXCEEDED $.tasks[0].capability"]);
    expect(codes([task("s", "sys.exec", { argv: ["y"] })])).toEqual([]);
  });

  it("[R106] cannot go deeper than allowed", () => {
    const chain = [0, 1, 2, 3, 4].map((level) => task(`p${level}`, "test.echo", {}, level === 0 ? {} : { parent_id: `p${level - 1}` }));
    expect(codes([task("s", "test.echo")], { tasks: chain, parentId: "p3" })).toEqual([]);
    expect(codes([task("s", "test.echo")], { tasks: chain, parentId: "p4" })).toEqual(["TOO_DEEP $"]);
  });

  it("[R106] cannot wait for their parent, for what waits for it, or in a circle", () => {
    expect(codes([task("s", "test.echo", { x: "${parent}" })])).toEqual(["CYCLE $.tasks[0]"]);
    expect(codes([task("s", "test.echo", {}, { depends_on: ["after"] })])).toEqual(["CYCLE $.tasks[0]"]);
    expect(codes([task("s", "test.echo", { x: "${t}" }), task("t", "test.echo", { x: "${s}" })])).toEqual(["CYCLE $.tasks[0]"]);
  });

  it("[P81] are refused under another or an unknown parent, and under a taken id", () => {
    expect(codes([task("s", "test.echo", {}, { parent_id: "before" })])).toEqual(["RIGHTS_EXCEEDED $.tasks[0].parent_id"]);
    expect(codes([task("s", "test.echo")], { parentId: "nobody" })).toEqual(["UNKNOWN_TASK $"]);
    expect(codes([task("before", "test.echo")])).toEqual(["DUPLICATE_ID $.tasks[0].task_id"]);
    expect(codes([{ task_id: "s" }, 1])).toContain("SHAPE $.tasks[1]");
  });

  it("[P82] carry the parent's labels", () => {
    const added = [task("s", "sys.exec", { argv: ["${before.root}"] }), task("t", "sys.exec", { argv: ["literal"] })];
    expect(checkSubtasks(request(added), CATALOGUE).approvals).toEqual({});
    expect(Object.keys(checkSubtasks(request(added, { labels: new Map([["before", ["untrusted"]]]) }), CATALOGUE).approvals)).toEqual([
      "s",
    ]);
    expect(Object.keys(checkSubtasks(request(added, { parentLabels: ["untrusted"] }), CATALOGUE).approvals)).toEqual(["s", "t"]);
  });

  it("[P83] are bounded together with the plan's tasks", () => {
    const limits = { limits: { maxTasks: 4 } };
    const two = [task("s", "test.echo"), task("t", "test.echo")];
    expect(checkSubtasks(request(two), CATALOGUE, limits).findings).toMatchObject([{ code: "TOO_LARGE" }]);
    expect(checkSubtasks(request(two.slice(1)), CATALOGUE, limits).findings).toEqual([]);
  });
});
