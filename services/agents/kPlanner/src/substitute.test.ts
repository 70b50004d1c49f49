import { compileExpression, resolveReferences } from "@kos/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSubstitutor, escaped } from "./substitute.ts";

function template(value: unknown, params: Readonly<Record<string, unknown>>): unknown {
  const fill = createSubstitutor(params);
  const result = fill.template(value, "$");
  expect(fill.problems).toEqual([]);
  return result;
}

/** What a running plan would make of it, with every task's output the text "OUT". */
function run(value: unknown): unknown {
  return resolveReferences(value, (name) => ({ value: "OUT", labels: [], source: `task:${name}` })).value;
}

describe("parameters put into a playbook", () => {
  it("[K5] keep their type when they are the whole string, and become text inside one", () => {
    const params = { n: 3, list: [1, "a"], nothing: null, text: "x" };
    expect(
      template(
        { a: "${params.n}", b: "${params.list}", c: ["${params.nothing}"], d: "n=${params.n} ${params.text} ${params.list[1]}" },
        params,
      ),
    ).toEqual({
      a: 3,
      b: [1, "a"],
      c: [null],
      d: "n=3 x a",
    });
  });

  it("[K5] leave out the member that they are the whole of, when they have no value", () => {
    const params = { nothing: null, deep: { also: null } };
    expect(template({ a: "${params.nothing}", b: { c: "${params.deep.also}", d: null, e: "${params.nothing}!" } }, params)).toEqual({
      b: { d: null, e: "null!" },
    });
    const fill = createSubstitutor(params);
    const task = { when: "${params.nothing} == null", retry: { max_attempts: "${params.nothing}" }, agent: "${params.nothing}" };
    expect(fill.task(task, "$")).toEqual({ when: "(null) == null", retry: {} });
  });

  it("[K5] leave references to tasks and escapes as they are", () => {
    expect(template(["${scan.files}", "$${x} ${params.t} ${scan.root}"], { t: "T" })).toEqual(["${scan.files}", "$${x} T ${scan.root}"]);
  });

  it("[K5] property: reach the running plan as they are, whatever they hold", () => {
    const text = fc.string({ unit: fc.constantFrom("$", "{", "}", "a", ".", '"', "\\") });
    fc.assert(
      fc.property(
        text,
        text.filter((before) => !/\$$|\$\{/.test(before)),
        (param, before) => {
          expect(run(template("${params.p}", { p: param }))).toBe(param);
          expect(run(template({ deep: "${params.p}" }, { p: [{ x: param }] }))).toEqual({ deep: [{ x: param }] });
          expect(run(template(`${before}\${params.p}\${task}`, { p: param }))).toBe(`${before}${param}OUT`);
          expect(run(escaped({ a: [param] }))).toEqual({ a: [param] });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("[K5] become literals in expressions", () => {
    const fill = createSubstitutor({ n: -2, t: "a\"b'c\\", list: ["x"], flag: true });
    const task = fill.task(
      { when: "scan.n - ${params.n} > 0 && scan.t == ${params.t} && 'x' in ${params.list} && ${params.flag}" },
      "$.tasks[0]",
    );
    expect(fill.problems).toEqual([]);
    expect(compileExpression(String(task["when"])).test({ scan: { n: 0, t: "a\"b'c\\" } })).toBe(true);
  });

  it("[K5] property: cannot break out of an expression", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', "\\", "|", "&", " ", "true", "param_1_", "(", ")", "\n", "$", "{") }),
        fc.string(),
        (first, second) => {
          const fill = createSubstitutor({ a: first, b: second });
          const task = fill.task({ when: "scan.a == ${params.a} && scan.b == ${params.b}" }, "$.tasks[0]");
          expect(fill.problems).toEqual([]);
          if (!first.isWellFormed() || !second.isWellFormed()) return;
          const expression = compileExpression(String(task["when"]));
          expect(expression.test({ scan: { a: first, b: second } })).toBe(true);
          expect(expression.test({ scan: { a: `${first}x`, b: second } })).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ["inside quotes", "'${params.t}' == scan.t"],
    ["inside quotes beside a name like the stand-in's", "'${params.t}' == param_0_"],
    ["inside raw quotes", 'r"${params.t}" == scan.t'],
    ["as a member", "scan.${params.t} == 1"],
    ["in a word", "scan_${params.t} == 1"],
    ["as a loop variable", "scan.list.all(${params.t}, true)"],
  ])("[K5] are refused in an expression %s", (_, when) => {
    const fill = createSubstitutor({ t: "x' || true || '" });
    fill.task({ when }, "$.tasks[0]");
    expect(fill.problems[0]).toMatchObject({ path: "$.tasks[0].when" });
  });

  it("[K5] name what cannot be found, and what cannot stand where it stands", () => {
    const fill = createSubstitutor({ path: "/x" });
    fill.task(
      { title: "on ${params.pth}", params: { a: "${params.path.deeper}" }, when: "${scan.ok}", agent: "${scan.agent}" },
      "$.tasks[1]",
    );
    expect(fill.problems.map(({ path, message }) => [path, message.split(":").at(-1)?.trim()])).toEqual([
      ["$.tasks[1].title", '"params" has no "pth"; it has path.'],
      ["$.tasks[1].params.a", '"params.path" is a string, it has no members.'],
      ["$.tasks[1].when", "only parameters can."],
      ["$.tasks[1].agent", "only parameters can."],
    ]);
  });

  it("[K5] reach criteria, fallbacks and plain fields each in their own way", () => {
    const fill = createSubstitutor({ name: "a ${x}", n: 2 });
    const task = fill.task(
      {
        title: "Do ${params.name}",
        retry: { max_attempts: "${params.n}" },
        for_each: { items: ["${params.name}", "${scan}"] },
        review: {
          max_rounds: "${params.n}",
          criteria: [
            { kind: "artifact", name: "${params.name}.txt", contains: ["${params.name}"] },
            { kind: "schema", schema: { pattern: "^${params.n}$" } },
            { kind: "assert", expression: "output.n == ${params.n}", message: "not ${params.n}" },
          ],
          fallback: { capability: "test.echo", params: { x: "${params.name} ${scan}" } },
        },
      },
      "$.tasks[0]",
    );
    expect(fill.problems).toEqual([]);
    expect(task).toEqual({
      title: "Do a ${x}",
      retry: { max_attempts: 2 },
      for_each: { items: ["a $${x}", "${scan}"] },
      review: {
        max_rounds: 2,
        criteria: [
          { kind: "artifact", name: "a ${x}.txt", contains: ["a ${x}"] },
          { kind: "schema", schema: { pattern: "^${params.n}$" } },
          { kind: "assert", expression: "output.n == (2)", message: "not 2" },
        ],
        fallback: { capability: "test.echo", params: { x: "a $${x} ${scan}" } },
      },
    });
  });
});
