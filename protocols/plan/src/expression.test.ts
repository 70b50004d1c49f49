import { isKosError } from "@kos/klp";
import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bindings } from "./expression.ts";
import { compileExpression } from "./expression.ts";

function evaluate(text: string, bindings: Bindings = {}): unknown {
  return compileExpression(text).evaluate(bindings);
}

function failure(work: () => unknown): { code: string; message: string; details: Readonly<Record<string, unknown>> } {
  try {
    work();
  } catch (error) {
    if (isKosError(error)) return { code: error.code, message: error.message, details: error.details ?? {} };
    throw error;
  }
  throw new Error("expected an error");
}

describe("expressions", () => {
  const output = {
    files_total: 3,
    ratio: 0.5,
    names: ["a", "b"],
    nested: { x: null },
    langs: [
      { n: "ts", files: 2 },
      { n: "js", files: 1 },
    ],
  };
  const git = { count: 3, repository: true };

  it.each([
    ["output.files_total == git.count", true],
    ["!git.repository || output.files_total == git.count", true],
    ["1 == 1.0", true],
    ["output.files_total == 3", true],
    ["output.files_total == 3.0", true],
    ["size(output.names) == 2 && output.names.size() == 2.0", true],
    ["size('häß😀') == 4", true],
    ["3 in [1, 2.0, 3]", true],
    ["output.files_total in [1, 2, 3]", true],
    ["output.names == ['a', 'b']", true],
    ["{'x': null} == output.nested", true],
    ["output.ratio * output.files_total > 1", true],
    ["7 / 2", 3.5],
    ["int(7 / 2)", 3],
    ["7 % 4 - -1", 4],
    ["output.langs.map(l, l.files)", [2, 1]],
    ["output.langs.filter(l, l.files > 1).map(l, l.n)", ["ts"]],
    ["output.langs.map(l, l.files > 1, l.n)", ["ts"]],
    ["output.langs.all(l, l.files > 0)", true],
    ["output.langs.exists(l, l.n == 'js')", true],
    ["output.langs.exists_one(l, l.files == 2)", true],
    ["output.langs.all(a, output.langs.exists(b, a.n == b.n))", true],
    ["'a' in output.nested", false],
    ["'x' in output.nested", true],
    ["output['files_total'] + output.langs[1].files", 4],
    ["'ab' + 'c' == 'abc'", true],
    ["[1] + [2]", [1, 2]],
    ["true ? 'y' : 'n'", "y"],
    ["'x.ts'.endsWith('.ts') && 'x.ts'.matches('^[a-z]+[.]ts$') && 'a,b'.split(',').size() == 2", true],
    ["['a', 'b'].join('-')", "a-b"],
    ["output.langs.map(l, l.files).sum() == output.files_total && [].sum() == 0", true],
    ["1 == '1' || null == false", false],
    ["int('12') + double('0.5')", 12.5],
    ["string(1.0) == '1'", true],
  ])("[P20] %s", (text, expected) => {
    expect(evaluate(text, { output, git })).toEqual(expected);
  });

  it("[P21] compares JSON numbers as numbers wherever they stand", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), (whole, real) => {
        const bindings = { a: JSON.parse(JSON.stringify(whole)) as unknown, b: real };
        expect(evaluate("a == b", bindings)).toBe(whole === real);
        expect(evaluate("a < b", bindings)).toBe(whole < real);
        expect(evaluate("[a] == [b] || a != b", bindings)).toBe(true);
      }),
    );
  });

  it("[P21] agrees with the library's own evaluator on what both define", () => {
    const cel = new Environment({ unlistedVariablesAreDyn: true });
    const number = fc.integer({ min: -20, max: 20 }).map((value) => (value < 0 ? `(${value})` : `${value}`));
    const { bool } = fc.letrec<{ bool: string; int: string }>((tie) => ({
      int: fc.oneof(
        { maxDepth: 4 },
        number,
        fc.tuple(tie("int"), fc.constantFrom("+", "-", "*"), tie("int")).map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(tie("bool"), tie("int"), tie("int")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
        tie("int").map((a) => `size([1, 2, 3].filter(x, x < ${a}))`),
      ),
      bool: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("true", "false", "([1][5] == 1)"),
        fc.tuple(tie("int"), fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("int")).map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc.tuple(tie("bool"), fc.constantFrom("&&", "||"), tie("bool")).map(([a, op, b]) => `(${a} ${op} ${b})`),
        tie("bool").map((a) => `!${a}`),
        fc.tuple(tie("int"), fc.constantFrom("all", "exists", "exists_one")).map(([a, macro]) => `[3, 1, 2].${macro}(x, x < ${a})`),
        tie("int").map((a) => `(${a} in [1, 2, 3])`),
      ),
    }));
    function outcome(work: () => unknown): unknown {
      try {
        return work();
      } catch {
        return "error";
      }
    }
    fc.assert(
      fc.property(
        bool.filter((text) => text.length < 2000),
        (text) => {
          expect(outcome(() => evaluate(text))).toEqual(outcome(() => cel.evaluate(text) as unknown));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("[P22] has() is false as soon as a step is missing or null", () => {
    const bindings = { t: { a: { b: 0 }, n: null }, skipped: null };
    expect(evaluate("has(t.a.b) && has(t.n)", bindings)).toBe(true);
    expect(evaluate("has(t.a.c) || has(t.x.y) || has(t.n.y) || has(skipped.x)", bindings)).toBe(false);
    expect(failure(() => compileExpression("has(t)")).code).toBe("BAD_REQUEST");
  });

  it("[P23] lets the deciding side of && and || win over a failing one", () => {
    expect(evaluate("t.missing == 1 || true", { t: {} })).toBe(true);
    expect(evaluate("t.missing == 1 && false", { t: {} })).toBe(false);
    expect(evaluate("[{}, {'a': 1}].exists(x, x.a == 1)")).toBe(true);
    expect(evaluate("[{}, {'a': 1}].all(x, x.a == 2)")).toBe(false);
    expect(failure(() => evaluate("t.missing == 1 || false", { t: {} })).message).toContain('no member "missing"');
    expect(failure(() => evaluate("[{}, {'a': 1}].all(x, x.a == 1)")).code).toBe("BAD_REQUEST");
  });

  it.each([
    ["l.all(a, l.all(b, l.all(c, l.all(d, a + b + c + d > -1))))"],
    ["l.exists(a, l.exists(b, l.exists(c, l.exists(d, a + b + c + d < 0)))) || true"],
    ["size(l.map(a, l + l)) > 0"],
    ["l.exists(a, big == other)"],
    ["l.all(a, big.matches('(a+)+(b|c)*$'))"],
    ["l.map(a, l.map(b, big + other)).size() > 0"],
    ["l.all(a, !(m in [l, l, l]))"],
    [`l.all(a, ${Array.from({ length: 70 }, () => "a > -1").join(" && ")})`],
  ])("[P24] stops %s once its budget is used up", (text) => {
    const l = Array.from({ length: 5000 }, (_, index) => index);
    const big = "a".repeat(100_000);
    const problem = failure(() =>
      compileExpression(text).evaluate({ l, m: [...l.slice(1), 0, 1].slice(1), big, other: `${"a".repeat(99_999)}b` }),
    );
    expect(problem.code).toBe("RESOURCE_LIMIT_EXCEEDED");
  });

  it("[P24] evaluates within a wider budget when the caller gives one", () => {
    const l = Array.from({ length: 2000 }, (_, index) => index);
    const expression = compileExpression("l.all(a, l.all(b, a + b > -1))");
    expect(failure(() => expression.evaluate({ l })).code).toBe("RESOURCE_LIMIT_EXCEEDED");
    expect(expression.evaluate({ l }, { maxSteps: 100_000_000 })).toBe(true);
  });

  it.each([
    "!".repeat(4000) + "a",
    "!".repeat(500) + "a",
    "(".repeat(2000) + "a" + ")".repeat(2000),
    "a" + ".b".repeat(1500),
    "[".repeat(1000) + "]".repeat(1000),
    "1" + "+1".repeat(2000),
    "a".repeat(5000),
    `[${"1,".repeat(600)}1]`,
  ])("[P24] refuses an expression that is too large or too deep", (text) => {
    expect(failure(() => compileExpression(text)).code).toBe("BAD_REQUEST");
  });

  it("[P25] matches patterns in linear time and refuses what RE2 does not know", () => {
    expect(evaluate("s.matches('^(a+)+$')", { s: `${"a".repeat(20_000)}!` })).toBe(false);
    expect(failure(() => evaluate("'a'.matches('(?=a)')")).message).toContain("RE2");
    expect(failure(() => evaluate("'a'.matches('((a{100}){100}){100}')")).code).toBe("BAD_REQUEST");
    expect(failure(() => evaluate("'a'.matches(p)", { p: "a".repeat(2000) })).message).toContain("1000 characters");
  });

  it.each([
    ["a ==", 1, 5, "EOF"],
    ["a\n  == @b", 2, 6, "Unexpected character"],
    ["a.foo(1)", 1, 1, "no function foo()"],
    ["nope(1)", 1, 1, "no function nope()"],
    ["cel.bind(x, 1, x)", 1, 1, "no function bind()"],
    ["1u == a", 1, 1, "no JSON form"],
    ["b'ab' == a", 1, 1, "no JSON form"],
    ["a == 9007199254740993", 1, 6, "2^53"],
    ["a.all(x.y, true)", 1, 9, "iteration variable"],
    ["size(1, 2)", 1, 1, "number of arguments"],
    ["if == 1", 1, 1, "Reserved"],
  ])("[P26] says what is wrong with %s and where", (text, line, column, words) => {
    const problem = failure(() => compileExpression(text));
    expect(problem.code).toBe("BAD_REQUEST");
    expect(problem.message).toContain(words);
    expect(problem.details).toMatchObject({ expression: text, line, column });
  });

  it.each([
    ["a.b.c", { a: { b: 1 } }, 'a number has no member "c"'],
    ["a[3]", { a: [1] }, "a list of 1 has no element 3"],
    ["a[0.5]", { a: [1] }, "no element 0.5"],
    ["a < b", { a: 1, b: "1" }, "cannot order a number and a string"],
    ["a + b", { a: 1, b: "1" }, "cannot compute"],
    ["1 / a", { a: 0 }, "division by zero"],
    ["a && true", { a: 1 }, "expected true or false"],
    ["missing", {}, 'nothing is named "missing"'],
    ["a * a", { a: 1e300 }, "too large"],
    ["{1: 2}", {}, "map keys are strings"],
    ["1 in a", { a: 5 }, '"in" needs'],
    ["int(a)", { a: "x" }, "int()"],
    ["a.sum()", { a: [1, {}] }, "sum(): "],
  ])("[P26] explains what went wrong while evaluating %s", (text, bindings, words) => {
    const problem = failure(() => evaluate(text, bindings));
    expect(problem.code).toBe("BAD_REQUEST");
    expect(problem.message).toContain(words);
    expect(problem.message).toContain("column");
  });

  it("[P26] accepts only true or false as a condition", () => {
    expect(compileExpression("1 == 1").test({})).toBe(true);
    expect(failure(() => compileExpression("1").test({})).message).toContain("gives a number");
  });

  it("[P27] lists the names it needs and not its loop variables", () => {
    expect(compileExpression("a.b == c && l.all(x, x.y == z && l.exists(z, z == x)) || has(d.e)").variables).toEqual([
      "a",
      "c",
      "l",
      "z",
      "d",
    ]);
    expect(compileExpression("1 == 1").variables).toEqual([]);
  });

  it("[P27] lists what it reads, as written", () => {
    const text =
      "!git.repository || output.files_total == git.count && size(output.list) > limits['a b'].n && output.list.all(x, x.y == git.count)";
    expect(compileExpression(text).terms).toEqual(["git.repository", "output.files_total", "git.count", "output.list", "limits['a b'].n"]);
    expect(compileExpression("l.all(x, x.y == 1)").terms).toEqual(["l"]);
    expect(compileExpression("has(a.b.c) && t").terms).toEqual(["a.b.c", "t"]);
  });

  it("[P27] sees only what was bound", () => {
    for (const name of ["globalThis", "process", "constructor", "toString", "Object"]) {
      expect(failure(() => evaluate(`${name} == 1`)).message).toContain("nothing is named");
    }
  });

  it("[R75] reads own members only", () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}') as unknown;
    expect(evaluate("t.constructor.prototype == 1", { t: hostile })).toBe(true);
    for (const text of ["t.toString", "t.constructor", "t['hasOwnProperty']", "l.length", "s.length", "t['__proto__']"]) {
      expect(failure(() => evaluate(text, { t: {}, l: [1], s: "x" })).code).toBe("BAD_REQUEST");
    }
    expect(evaluate("has(t.toString) || 'toString' in t", { t: {} })).toBe(false);
    const made = evaluate("{'__proto__': {'polluted': true}}") as object;
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it("[P28] compiles the same text once and keeps no more than its bound", () => {
    const first = compileExpression("cached == 1");
    expect(compileExpression("cached == 1")).toBe(first);
    for (let index = 0; index < 2100; index += 1) compileExpression(`fresh == ${index}`);
    expect(compileExpression("cached == 1")).not.toBe(first);
  });
});
