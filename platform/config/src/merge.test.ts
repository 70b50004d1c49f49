import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject, mergeConfig } from "./merge.ts";

const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "prototype", "toString");
const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean());

/** Any document, deletions included. */
const { document } = fc.letrec<{ document: unknown; object: unknown }>((tie) => ({
  document: fc.oneof({ maxDepth: 4 }, scalar, fc.constant(null), fc.array(scalar, { maxLength: 3 }), tie("object")),
  object: fc.array(fc.tuple(key, tie("document")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
}));

/** Documents of one shape: every key is either always an object or never, and nothing is deleted. */
const shaped = fc.record(
  {
    a: fc.record(
      { x: scalar, y: fc.array(scalar, { maxLength: 3 }), deep: fc.record({ z: scalar, w: scalar }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
    b: scalar,
    c: fc.array(fc.record({ q: scalar }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

describe("mergeConfig", () => {
  it("[C2] merges objects deeply, replaces arrays and deletes by null", () => {
    expect(mergeConfig({ a: { x: 1, y: [1, 2] }, b: 1 }, { a: { y: [3] }, b: null, c: 2 })).toEqual({ a: { x: 1, y: [3] }, c: 2 });
  });

  it("[C2] agrees with the examples of RFC 7396, appendix A", () => {
    const cases: readonly (readonly [unknown, unknown, unknown])[] = [
      [{ a: "b" }, { a: "c" }, { a: "c" }],
      [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
      [{ a: "b" }, { a: null }, {}],
      [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
      [{ a: ["b"] }, { a: "c" }, { a: "c" }],
      [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
      [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
      [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
      [
        ["a", "b"],
        ["c", "d"],
        ["c", "d"],
      ],
      [{ a: "b" }, ["c"], ["c"]],
      [{ a: "foo" }, null, null],
      [{ a: "foo" }, "bar", "bar"],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: "b", c: null }, { a: "b" }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [target, patch, result] of cases) expect(mergeConfig(target, patch)).toEqual(result);
  });

  it("[C2] is associative where no document deletes and all agree on what is an object", () => {
    fc.assert(
      fc.property(shaped, shaped, shaped, (a, b, c) => {
        expect(mergeConfig(mergeConfig(a, b), c)).toEqual(mergeConfig(a, mergeConfig(b, c)));
      }),
    );
  });

  it("[C2] changes nothing when the same layer is laid on twice", () => {
    fc.assert(
      fc.property(document, document, (under, over) => {
        const once = mergeConfig(under, over);
        expect(mergeConfig(once, over)).toEqual(once);
      }),
    );
  });

  it("[C2] takes arrays whole, never item by item", () => {
    fc.assert(
      fc.property(document, fc.array(document), (under, list) => {
        expect(mergeConfig({ k: under }, { k: list })).toEqual({ k: list });
      }),
    );
  });

  it("[C2] leaves its arguments as they were", () => {
    fc.assert(
      fc.property(document, document, (under, over) => {
        const before = JSON.stringify([under, over]);
        mergeConfig(under, over);
        expect(JSON.stringify([under, over])).toBe(before);
      }),
    );
  });

  it("[C3] [R75] never reaches a prototype", () => {
    fc.assert(
      fc.property(document, document, (under, over) => {
        const merged = mergeConfig(under, over);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
        if (isJsonObject(merged)) expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      }),
    );
    const hostile = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as unknown;
    const merged = mergeConfig(mergeConfig({}, hostile), hostile);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.hasOwn(merged as object, "__proto__")).toBe(true);
  });
});
