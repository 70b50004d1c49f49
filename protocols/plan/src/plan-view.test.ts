import { describe, expect, it } from "vitest";
import { graph, task } from "./catalogue.fixture.ts";
import { diffPlans } from "./plan-diff.ts";
import { planMermaid, planTree } from "./plan-view.ts";

const plan = graph(
  [
    task(
      "scan",
      "fs.scan",
      { path: "/x" },
      { title: "List the files", review: { criteria: [{ kind: "assert", expression: "output.files_total == git.count" }] } },
    ),
    task("git", "git.count", {}, { title: "Count with git" }),
    task("measure", "code.metrics", { files: "${item}" }, { title: "Measure each chunk", for_each: "${scan.files}" }),
    task("join", "test.echo", { parts: "${measure}", total: "${scan.files_total}" }, { title: "Join", when: "scan.files_total > 0" }),
    task("extra", "test.echo", {}, { title: "Added later", parent_id: "join", approval: true }),
  ],
  { goal: "Report on /x" },
);

describe("the tree of a plan", () => {
  it("[P90] shows each task once, below the last one it waits for", () => {
    expect(planTree(plan)).toBe(
      [
        "Report on /x",
        "└─ git: Count with git  (git.count)",
        "   └─ scan: List the files  (fs.scan; reviewed)",
        "      └─ measure: Measure each chunk  (code.metrics; for each of ${scan.files})",
        "         └─ join: Join  (test.echo; when scan.files_total > 0; after scan)",
        "            └─ extra: Added later  (test.echo; asks for approval)",
        "",
      ].join("\n"),
    );
  });

  it("[P90] draws branches and names approvals", () => {
    const two = graph([task("a", "test.echo"), task("b", "test.echo", {}, { for_each: [1, 2, 3] }), task("c", "test.echo", { x: "${a}" })]);
    expect(planTree(two, { capabilities: false, approvals: { b: "untrusted content decides argv" } })).toBe(
      ["test", "├─ a: Do a", "│  └─ c: Do c", "└─ b: Do b  (for each of 3)  ! needs approval: untrusted content decides argv", ""].join(
        "\n",
      ),
    );
  });

  it("[P90] stays readable for large plans and deep chains", () => {
    const chain = graph(
      Array.from({ length: 10_000 }, (_, index) => task(`t${index}`, "test.echo", index === 0 ? {} : { x: `\${t${index - 1}}` })),
    );
    const lines = planTree(chain, { maxTasks: 5 }).split("\n");
    expect(lines).toHaveLength(8);
    expect(lines.at(-2)).toContain("9995 more");
  });

  it("[R107] cannot be misled by what a title holds", () => {
    const hostile = graph([task("a", "test.echo", {}, { title: "x\n└─ fake: done\u001b[2J\u202e" })], { goal: "g\u2028h" });
    expect(planTree(hostile)).toBe("g h\n└─ a: x └─ fake: done?[2J?  (test.echo)\n");
  });

  it("[P91] becomes a Mermaid chart whose labels cannot break out", () => {
    const hostile = graph([
      task("a", "test.echo", {}, { title: 'say "]; click a href "javascript:x" <b>' }),
      task("b", "test.echo", { x: "${a}" }),
    ]);
    const chart = planMermaid(hostile);
    expect(chart.split("\n")).toEqual([
      "flowchart TD",
      '  t0["say #34;#93;; click a href #34;javascript:x#34; #60;b#62;<br/><small>test.echo</small>"]',
      '  t1["Do b<br/><small>test.echo</small>"]',
      "  t0 --> t1",
      "",
    ]);
    expect(planMermaid(plan)).toContain('t2[["Measure each chunk');
    expect(planMermaid(plan)).toContain("t0 -.-> t3");
  });
});

describe("the difference of two plans", () => {
  it("[P92] is empty for the same plan in another order, whatever its ids and times", () => {
    const stored = { ...plan, plan_id: "p", created_at: "now", tasks: plan.tasks.toReversed() };
    expect(diffPlans(plan, stored)).toEqual({ added: [], removed: [], changed: [], plan: [] });
  });

  it("[P92] names added, removed and changed tasks by field", () => {
    const [scan, git] = plan.tasks;
    if (scan === undefined || git === undefined) throw new Error("fixture");
    const { review: _review, ...plain } = scan;
    const after = {
      ...plan,
      output: 1,
      tasks: [{ ...plain, params: { path: "/y", deep: [1] } }, task("fresh", "test.echo")],
      budget: { calls: 2 },
    };
    const diff = diffPlans(plan, after);
    expect(diff.added.map((entry) => entry.task_id)).toEqual(["fresh"]);
    expect(diff.removed.map((entry) => entry.task_id)).toEqual(["git", "measure", "join", "extra"]);
    expect(diff.changed).toEqual([
      {
        task_id: "scan",
        fields: [
          { path: "$.params.path", before: "/x", after: "/y" },
          { path: "$.params.deep", after: [1] },
          { path: "$.review", before: scan.review },
        ],
      },
    ]);
    expect(diff.plan).toEqual([
      { path: "$.output", before: null, after: 1 },
      { path: "$.budget", after: { calls: 2 } },
    ]);
  });
});
