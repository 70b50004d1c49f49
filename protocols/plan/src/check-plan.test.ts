import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BAD_PLANS } from "./bad-plans.fixture.ts";
import { CATALOGUE, graph, task } from "./catalogue.fixture.ts";
import { checkPlan } from "./check-plan.ts";
import { orderTasks } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import { findingsError } from "./finding.ts";
import type { PlanGraph, Task } from "./plan.ts";

function findings(document: unknown, options = {}): readonly Finding[] {
  return checkPlan(document, CATALOGUE, options).findings;
}

function onlyFinding(document: unknown, options = {}): Finding {
  const found = findings(document, options);
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new Error(`expected one finding: ${JSON.stringify(found, null, 2)}`);
  return first;
}

const scan = task("scan", "fs.scan", { path: "/tmp" });

describe("plan check", () => {
  it("[P60] finds nothing in a sound plan", () => {
    const plan = graph(
      [
        scan,
        task("metrics", "code.metrics", { files: ["${item}"] }, { for_each: { items: "${scan.files}", concurrency: 4 } }),
        task(
          "sum",
          "test.echo",
          { lines: "${metrics[0].lines}", all: "${metrics}", text: "in ${scan.root}" },
          { when: "scan.files_total > 0" },
        ),
        task(
          "again",
          "fs.scan",
          { path: "${scan.root}/sub", max_files: "${scan.files_total}", include: ["${scan.files[0].path}", "$${x}"] },
          {
            review: {
              criteria: [
                { kind: "assert", expression: "output.files_total <= scan.files_total && params.path != ''" },
                { kind: "schema", schema: { type: "object" } },
              ],
              fallback: { capability: "test.echo", params: { was: "${scan.root}" } },
            },
          },
        ),
      ],
      { output: { total: "${scan.files_total}" }, criteria: [{ kind: "assert", expression: "output.total == scan.files_total" }] },
    );
    expect(checkPlan(plan, CATALOGUE)).toEqual({ findings: [], approvals: {} });
  });

  it.each(BAD_PLANS)("[P61] says what is wrong with %s", (_, document, expected) => {
    const [finding] = findings(document);
    expect(finding).toMatchObject({ code: expected.code, path: expected.path, severity: "error" });
    expect(finding?.message).toMatch(expected.message);
    expect(finding?.hint).toMatch(expected.hint);
    expect(findingsError(findings(document))).toBeDefined();
  });

  it("[P62] reports everything at once, sound tasks beside unsound ones", () => {
    const codes = findings({
      ...graph([
        { task_id: "broken" } as unknown as Task,
        task("a", "no.such", { x: "${nope}" }, { when: ")" }),
        task("b", "fs.scan", { path: 1, max_files: "x" }),
      ]),
      extra: 1,
    }).map((finding) => finding.code);
    expect(codes).toEqual([
      "SHAPE",
      "SHAPE",
      "SHAPE",
      "SHAPE",
      "SHAPE",
      "BAD_EXPRESSION",
      "UNKNOWN_TASK",
      "UNKNOWN_CAPABILITY",
      "BAD_PARAM",
      "BAD_PARAM",
    ]);
  });

  it("[P62] cuts a flood of findings and says so", () => {
    const many = findings(graph(Array.from({ length: 2000 }, (_, index) => task(`t${index}`, "no.such"))));
    expect(many).toHaveLength(501);
    expect(many.at(-1)?.message).toContain("1500 more");
  });

  it("[P63] warns of an undeclared member of an open output and lets it pass", () => {
    const plan = graph([
      task("m", "code.metrics", { files: [] }),
      task("b", "test.echo", { x: "${m.line}", y: "${b0.any.thing[3]}" }),
      task("b0", "test.echo"),
    ]);
    expect(onlyFinding(plan)).toMatchObject({ code: "UNDECLARED_OUTPUT", severity: "warning", hint: 'Did you mean "lines"?' });
    expect(findingsError(findings(plan))).toBeUndefined();
  });

  it("[P64] lets references stand where only their value can tell", () => {
    const plan = graph([
      scan,
      task(
        "b",
        "fs.scan",
        { path: "${scan.note}", include: "${scan.files}", mode: "${scan.root}", max_files: "${item.bytes}" },
        { for_each: "${scan.files}" },
      ),
    ]);
    expect(findings(plan)).toEqual([]);
  });

  it("[P64] knows the type of item", () => {
    const plan = graph([
      scan,
      task("b", "fs.scan", { path: "${item.bytes}" }, { for_each: "${scan.files}" }),
      task("c", "fs.scan", { path: "${index}" }, { for_each: [1] }),
    ]);
    expect(findings(plan).map((finding) => [finding.code, finding.path])).toEqual([
      ["TYPE_MISMATCH", "$.tasks[1].params.path"],
      ["TYPE_MISMATCH", "$.tasks[2].params.path"],
    ]);
  });

  it("[P65] property: no value makes the check throw, and a plan it accepts has an order", () => {
    const name = fc.constantFrom("a", "b", "c", "item", "output", "__proto__", "constructor");
    const text = fc.oneof(
      name.map((id) => `\${${id}}`),
      name.map((id) => `x \${${id}.files[0].path} $\${y}`),
      fc.string(),
      fc.constantFrom("${", "a.b == 1", "item"),
    );
    const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.dictionary(name, text), fc.array(text));
    const anyTask = fc.record(
      {
        task_id: name,
        title: fc.string(),
        capability: fc.constantFrom("test.echo", "fs.scan", "http.request", "no.such"),
        params: fc.dictionary(fc.constantFrom("path", "url", "x", "__proto__"), value),
        depends_on: fc.array(name, { maxLength: 2 }),
        when: text,
        for_each: fc.oneof(text, fc.array(value), fc.record({ items: text })),
        review: fc.record({
          criteria: fc.array(
            fc.oneof(
              text.map((expression) => ({ kind: "assert", expression })),
              value.map((schema) => ({ kind: "schema", schema })),
            ),
            { maxLength: 2 },
          ),
        }),
      },
      { requiredKeys: ["task_id", "title", "capability", "params", "depends_on"] },
    );
    const document = fc.oneof(
      fc.jsonValue(),
      fc.record({
        goal: fc.string(),
        strategy: fc.constantFrom("explicit", "model"),
        tasks: fc.array(anyTask, { minLength: 1, maxLength: 4 }),
        output: value,
      }),
    );
    fc.assert(
      fc.property(document, (plan) => {
        const found = findings(plan);
        for (const finding of found)
          expect([finding.path.startsWith("$"), finding.message !== "", finding.hint !== ""]).toEqual([true, true, true]);
        if (findingsError(found) === undefined)
          expect(orderTasks(new Map((plan as PlanGraph).tasks.map((entry) => [entry.task_id, entry.depends_on])))).toHaveProperty("order");
      }),
      { numRuns: 500 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("[P66] gives the code of its findings when they agree", () => {
    expect(findingsError(findings(graph([task("a", "no.such")])))).toMatchObject({ code: "UNKNOWN_CAPABILITY" });
    expect(findingsError(findings(graph([task("a", "no.such", { x: "${" })])))).toMatchObject({ code: "BAD_REQUEST" });
    expect(findingsError([])).toBeUndefined();
  });

  it("[P67] looks at each task a bounded number of times", () => {
    const size = 10_000;
    let lookups = 0;
    const counted = { get: (name: string) => ((lookups += 1), CATALOGUE.get(name)), keys: () => CATALOGUE.keys() };
    const tasks = Array.from({ length: size }, (_, index) =>
      index === 0 ? scan : task(`t${index}`, "fs.scan", { path: `\${${index === 1 ? "scan" : `t${index - 1}`}.root}/x`, max_files: index }),
    );
    expect(checkPlan(graph(tasks), counted).findings).toEqual([]);
    expect(lookups).toBeLessThanOrEqual(size * 5);
  });
});
