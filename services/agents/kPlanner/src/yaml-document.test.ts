import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseYaml } from "./yaml-document.ts";

describe("YAML for people's files", () => {
  it("[K4] gives JSON data and the place of everything", () => {
    const document = parseYaml('a: 1\nlist:\n  - x\n  - deep key: "y"\nempty:\n');
    expect(document.problems).toEqual([]);
    expect(document.value).toEqual({ a: 1, list: ["x", { "deep key": "y" }], empty: null });
    expect(document.locate("$.list[1]")).toEqual({ line: 4, column: 5 });
    expect(document.locate('$.list[1]["deep key"]')).toEqual({ line: 4, column: 5 });
    expect(document.locate("$.list[1].other[3]")).toEqual({ line: 4, column: 5 });
    expect(document.locate("$.a")).toEqual({ line: 1, column: 1 });
    expect(document.locate("$")).toEqual({ line: 1, column: 1 });
  });

  it("[K4] follows YAML 1.2: yes is text, 012 is a number, dates are text", () => {
    expect(parseYaml("a: yes\nb: 012\nc: 2026-01-02\nd: 0o14\ne: ~\nf: true").value).toEqual({
      a: "yes",
      b: 12,
      c: "2026-01-02",
      d: 12,
      e: null,
      f: true,
    });
  });

  it.each([
    ["a repeated key", "a: 1\nb: 2\na: 3", 3, 1, /unique/],
    ["an anchor", "a: &x 1\nb: 2", 1, 7, /anchors/],
    ["an alias", "a: 1\nb: *x", 2, 4, /./],
    ["an anchored map", "a: &x\n  b: 1", 2, 3, /anchors/],
    ["a merge key", "a: {b: 1}\n<<: *a", 2, 5, /./],
    ["a tag", "a: !!js/function 'x'", 1, 4, /tag|Unresolved/],
    ["its own tag", "a: !mine x", 1, 4, /tag|Unresolved/],
    ["a number without exact form", "a: 12345678901234567890", 1, 4, /exact JSON form/],
    ["not a number", "a: .nan", 1, 4, /exact JSON form/],
    ["a key that is no text", "1: a", 1, 1, /key 1 is not text/],
    ["a hostile key", "__proto__: {a: 1}", 1, 1, /not allowed/],
    ["a broken line", "a: [1, 2", 1, 9, /./],
    ["two documents", "a: 1\n---\nb: 2", 2, 1, /./],
    ["a tab", "a:\n\tb: 1", 2, 1, /./],
  ])("[K4] refuses %s and says where", (_, text, line, column, words) => {
    const { problems, value } = parseYaml(text);
    expect(value).toBeUndefined();
    expect(problems[0]).toMatchObject({ line, column });
    expect(problems[0]?.message).toMatch(words);
    expect(problems[0]?.hint).not.toBe("");
  });

  it("[K4] knows the most likely slip: a reference without quotes in a flow map", () => {
    expect(parseYaml("a: {b: x ${c.d}}").problems[0]?.hint).toContain("stands in quotes");
    expect(parseYaml('a: ${c.d}\nb: {c: "${d}"}').value).toEqual({ a: "${c.d}", b: { c: "${d}" } });
  });

  it("[K4] is not brought down by bombs", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`;
    expect(parseYaml(bomb).problems.length).toBeGreaterThan(0);
    expect(parseYaml(`a: ${"[".repeat(3000)}${"]".repeat(3000)}`).problems.length).toBeGreaterThan(0);
    expect(parseYaml("x".repeat(300_000)).problems[0]?.message).toContain("more than");
  });

  it("[K4] property: reads back what a YAML writer wrote", () => {
    const key = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        const plain = JSON.parse(JSON.stringify(data)) as unknown;
        const document = parseYaml(stringify(plain, { aliasDuplicateObjects: false }));
        expect(document.problems).toEqual([]);
        expect(document.value).toEqual(plain);
      }),
    );
  });

  it("[K4] property: no text makes it throw", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("a", ":", " ", "\n", "-", "[", "]", "{", "}", "&", "*", "!", '"', "'", "|", ">", "#", "?", ",", "\t", "0"),
        }),
        (text) => {
          const document = parseYaml(text);
          expect(document.value === undefined).toBe(document.problems.length > 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
