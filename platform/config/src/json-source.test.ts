import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonSource } from "./json-source.ts";

describe("readJsonSource", () => {
  it("reads every JSON value as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (text, indent) => {
        const expected: unknown = JSON.parse(text);
        const source = readJsonSource(JSON.stringify(expected, null, indent));
        expect(source.ok && source.value).toStrictEqual(expected);
      }),
    );
  });

  it("agrees with JSON.parse on what is not JSON", () => {
    const fragment = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e4"',
      '"\\x"',
      "1",
      "01",
      "-",
      "1e5",
      "1.",
      "true",
      "nul",
      " ",
      "\n",
      '"\t"',
      "//",
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 10 }), (parts) => {
        const text = parts.join("");
        const source = readJsonSource(text);
        const repeats = !source.ok && source.problem.message.includes("a second time");
        expect(source.ok || repeats).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("knows the line of every key and item", () => {
    const source = readJsonSource('{\n  "listen": {\n    "port": 1,\n    "hosts": [\n      "a",\n      "b"\n    ]\n  }\n}');
    if (!source.ok) throw new Error("must be readable");
    expect(source.lineOf(["listen"])).toBe(2);
    expect(source.lineOf(["listen", "port"])).toBe(3);
    expect(source.lineOf(["listen", "hosts", 1])).toBe(6);
    expect(source.lineOf(["nothing"])).toBeUndefined();
  });

  it("names line and column of what is wrong", () => {
    expect(readJsonSource('{\n  "a": 1,\n  b: 2\n}')).toEqual({
      ok: false,
      problem: { line: 3, column: 3, message: "a key in double quotes was expected here" },
    });
  });

  it("refuses a key that stands twice", () => {
    const source = readJsonSource('{"a": 1,\n "a": 2}');
    expect(source).toMatchObject({ ok: false, problem: { line: 2, column: 2 } });
  });

  it("refuses nesting without end", () => {
    expect(readJsonSource("[".repeat(100_000))).toMatchObject({ ok: false });
  });

  it("keeps __proto__ as an ordinary own key", () => {
    const source = readJsonSource('{"__proto__": {"polluted": true}}');
    if (!source.ok) throw new Error("must be readable");
    expect(Object.keys(source.value as object)).toEqual(["__proto__"]);
    expect((source.value as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
