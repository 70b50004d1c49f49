import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Label, LabelledValue } from "./label.ts";
import { referencesIn, resolveReferences } from "./reference.ts";

function lookupIn(values: Readonly<Record<string, unknown>>, labels: Readonly<Record<string, readonly Label[]>> = {}) {
  return (name: string): LabelledValue | undefined =>
    Object.hasOwn(values, name) ? { value: values[name], labels: labels[name] ?? [], source: `task:${name}` } : undefined;
}

function resolve(value: unknown, values: Readonly<Record<string, unknown>>): unknown {
  return resolveReferences(value, lookupIn(values)).value;
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

describe("references", () => {
  const scan = { files: [{ path: "a.ts", "odd key": 1 }, { path: "b.ts" }], total: 2, ok: true, none: null };

  it("[P10] keeps the type of a value when the string is one whole reference", () => {
    expect(resolve({ list: "${scan.files}", n: "${scan.total}", b: "${scan.ok}", all: "${scan}" }, { scan })).toEqual({
      list: scan.files,
      n: 2,
      b: true,
      all: scan,
    });
  });

  it("[P10] steps into lists and quoted names", () => {
    expect(resolve(["${scan.files[1].path}", '${scan.files[0]["odd key"]}', "${item}", "${index}"], { scan, item: "x", index: 7 })).toEqual(
      ["b.ts", 1, "x", 7],
    );
  });

  it("[P11] inserts strings as they are and everything else as canonical JSON", () => {
    expect(resolve("${scan.files[0].path}: ${scan.total} of ${obj}, ${scan.none}", { scan, obj: { b: 1, a: [true] } })).toBe(
      'a.ts: 2 of {"a":[true],"b":1}, null',
    );
  });

  it("[P12] never expands what was inserted", () => {
    const hostile = "${secret} $${x} ${";
    expect(resolve("${task.text}", { task: { text: hostile }, secret: "s" })).toBe(hostile);
    expect(resolve("<${task.text}>", { task: { text: hostile }, secret: "s" })).toBe(`<${hostile}>`);
    expect(resolve({ deep: "${task}" }, { task: { text: hostile }, secret: "s" })).toEqual({ deep: { text: hostile } });
  });

  it("[P12] property: any inserted text survives as it is, whole and inside text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, inserted) => {
        const plain = before.replaceAll("$", "").replaceAll("{", "");
        expect(resolve("${t.v}", { t: { v: inserted } })).toBe(inserted);
        expect(resolve(`${plain}\${t.v}${plain}`, { t: { v: inserted } })).toBe(plain + inserted + plain);
      }),
    );
  });

  it("[P13] reads $${ as a literal ${", () => {
    expect(resolve("$${task.a} costs $5, $$, ${task}", { task: 3 })).toBe("${task.a} costs $5, $$, 3");
  });

  it("[P13] property: text with every ${ escaped comes back as it was written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("$", "{", "}", "a", "\\") }).filter((text) => !text.includes("$$")),
        (text) => {
          expect(
            resolve(
              text.replaceAll("${", () => "$${"),
              {},
            ),
          ).toBe(text);
        },
      ),
    );
  });

  it("[P14] names the reference and its JSON path when it does not resolve", () => {
    const missing = failure(() => resolveReferences({ a: ["x", "${scan.nothing}"] }, lookupIn({ scan }), { at: "$.tasks[3].params" }));
    expect(missing.code).toBe("BAD_REQUEST");
    expect(missing.details).toEqual({ reference: "${scan.nothing}", at: "$.tasks[3].params.a[1]" });
    expect(missing.message).toContain('"scan" has no "nothing"; it has files, total, ok, none');
    expect(failure(() => resolve("${scan.files[2]}", { scan })).message).toContain("a list of 2");
    expect(failure(() => resolve("${other}", { scan })).message).toContain('nothing is named "other"');
    expect(failure(() => resolve("${scan.total.x}", { scan })).message).toContain("is a number");
  });

  it.each([
    "${",
    "${}",
    "${a",
    "${a.}",
    "${a[-1]}",
    "${a[01]}",
    "${ a }",
    "${a.b c}",
    "${a[x]}",
    "${1a}",
    '${a["\u0001"]}',
    "x ${a} ${b",
    "${a.__proto__}",
  ])("[P14] refuses %s and says what it expected", (text) => {
    const problem = failure(() => referencesIn({ text }));
    expect(problem.code).toBe("BAD_REQUEST");
    expect(problem.details["at"]).toBe("$.text");
    expect(problem.message).toMatch(/expected .* at column \d+/);
  });

  it("[P15] gives null for a skipped task and for every step into it", () => {
    expect(resolve(["${skipped}", "${skipped.a[0].b}", "${list[0].x}"], { skipped: null, list: [null] })).toEqual([null, null, null]);
  });

  it("[P16] joins the labels of the values it used with those of the fixed part", () => {
    const lookup = lookupIn({ a: 1, b: 2, c: 3 }, { a: ["untrusted"], b: ["confidential"], c: ["confidential"] });
    expect(resolveReferences("${a}", lookup).labels).toEqual(["untrusted"]);
    expect(resolveReferences({ x: "${a} ${b}" }, lookup).labels).toEqual(["untrusted", "confidential"]);
    expect(resolveReferences({ x: "${a}" }, lookup, { labels: ["confidential"] }).labels).toEqual(["untrusted", "confidential"]);
    expect(resolveReferences({ x: "no reference" }, lookup).labels).toEqual([]);
  });

  it("[R75] never reaches a prototype, nor makes one", () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "own", "list": [1]}') as unknown;
    for (const text of [
      "${t.toString}",
      "${t.hasOwnProperty}",
      "${t.list.length}",
      "${t.list.constructor}",
      "${t.text.length}",
      '${t["__proto__"]}',
    ]) {
      expect(failure(() => resolve(text, { t: value })).code).toBe("BAD_REQUEST");
    }
    expect(resolve("${t.constructor}", { t: value })).toBe("own");
    expect(failure(() => resolve("${constructor.x}", {})).code).toBe("BAD_REQUEST");
    const params = JSON.parse('{"__proto__": {"polluted": "${t.list[0]}"}}') as unknown;
    const result = resolve(params, { t: value }) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("[P17] lists every reference with its place", () => {
    const found = referencesIn({ a: "${x.y[0]} and ${z}", b: [{ "c d": "${x}" }], n: 1, esc: "$${no}" }, "$.params");
    expect(found.map(({ name, path, at, whole, text }) => ({ name, path, at, whole, text }))).toEqual([
      { name: "x", path: ["y", 0], at: "$.params.a", whole: false, text: "${x.y[0]}" },
      { name: "z", path: [], at: "$.params.a", whole: false, text: "${z}" },
      { name: "x", path: [], at: '$.params.b[0]["c d"]', whole: true, text: "${x}" },
    ]);
  });

  it("[P17] property: a value without references is given back as it is, without a copy", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const cleaned = JSON.parse(JSON.stringify(value).replaceAll("$", "S")) as unknown;
        expect(resolveReferences(cleaned, () => undefined).value).toBe(cleaned);
      }),
    );
  });

  it("[P18] bounds what is inserted, however often", () => {
    const big = "x".repeat(1000);
    const bomb = Array.from({ length: 1000 }, () => "${t.big}");
    expect(failure(() => resolveReferences(bomb, lookupIn({ t: { big } }), { maxChars: 100_000 })).code).toBe("TOO_LARGE");
    expect(failure(() => resolveReferences(bomb.join(""), lookupIn({ t: { big } }), { maxChars: 100_000 })).code).toBe("TOO_LARGE");
    expect(failure(() => resolveReferences(bomb, lookupIn({ t: { big: [{ big }] } }), { maxChars: 100_000 })).code).toBe("TOO_LARGE");
    expect(resolve("${t.big}", { t: { big } })).toBe(big);
  });

  it("[P18] refuses values nested too deep instead of overflowing the stack", () => {
    const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000)) as unknown;
    expect(failure(() => referencesIn(deep)).code).toBe("BAD_REQUEST");
    expect(failure(() => resolve(deep, {})).code).toBe("BAD_REQUEST");
  });

  it("says so when a blob was not loaded", () => {
    const blob: LabelledValue = { blob: { hash: "sha256:00", bytes: 1, media_type: "application/json" }, labels: [], source: "task:a" };
    expect(failure(() => resolveReferences("${a}", () => blob)).code).toBe("INTERNAL");
  });
});
