import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, MAX_CANONICAL_DEPTH } from "./canonical-json.ts";
import { KosError } from "./errors.ts";
import { missingVectors, readVector } from "./vectors.fixture.ts";

const missing = missingVectors("jcs/input");

test.skipIf(missing).each(["arrays", "french", "structures", "unicode", "values", "weird"])(
  `[R51] RFC 8785 pair %s${missing ? ` (skipped: ${missing})` : ""}`,
  (name) => {
    const decoder = new TextDecoder();
    const input: unknown = JSON.parse(decoder.decode(readVector(`jcs/input/${name}.json`)));
    expect(canonicalJson(input)).toBe(decoder.decode(readVector(`jcs/output/${name}.json`)));
  },
);

test.each(rfc8785Numbers())("[R51] writes the double with bits %s as RFC 8785 appendix B does: %s", (bits, text) => {
  expect(canonicalJson(doubleOf(BigInt(`0x${bits}`)))).toBe(text);
});

test("[R51] writes 100,000 doubles of every magnitude as ECMAScript does, and they come back the same", () => {
  let state = 0x9e3779b97f4a7c15n;
  const wrong: number[] = [];
  for (let checked = 0; checked < 100_000; ) {
    // A plain generator (SplitMix64), so that every run checks the same numbers.
    state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    let bits = state;
    bits = ((bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    bits = ((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    const number = doubleOf(bits ^ (bits >> 31n));
    if (!Number.isFinite(number)) continue;
    checked++;
    const text = canonicalJson(number);
    if (text !== String(number) || !Object.is(Number(text), number)) wrong.push(number);
  }
  expect(wrong).toEqual([]);
});

test("negative zero is written as zero", () => {
  expect(canonicalJson([-0, { a: -0 }])).toBe('[0,{"a":0}]');
});

test("[K4] [R51] agrees with the reference package on every JSON value, whatever its keys and their order", () => {
  const key = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "",
      "0",
      "9",
      "10",
      "01",
      "4294967294",
      "4294967295",
      "9007199254740993",
      "9a",
      "1e3",
      "-1",
      "a",
      "A",
      "é",
      "\u{1f600}",
      "\ufb33",
      "\\ud800",
    ),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 40 }).map((entries) => fromEntries(entries)),
    ),
  }));
  fc.assert(
    fc.property(value, (input) => {
      expect(canonicalJson(input)).toBe(canonicalize(input));
    }),
    { numRuns: 1000 },
  );
});

test("the order of keys and the way an object was built make no difference", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.integer()), { maxLength: 60 }), fc.infiniteStream(fc.nat()), (entries, stream) => {
      const shuffled = [...new Map(entries)]
        .map((entry) => ({ entry, rank: stream.next().value as number }))
        .sort((a, b) => a.rank - b.rank);
      expect(canonicalJson(fromEntries(shuffled.map(({ entry }) => entry)))).toBe(canonicalJson(fromEntries([...new Map(entries)])));
    }),
  );
});

test("the value is not changed, whether or not its keys were in order", () => {
  for (const input of [
    { b: { d: 1, c: [{ f: 1, e: 2 }] }, a: 1 },
    { a: 1, b: [1] },
  ]) {
    const before = JSON.stringify(input);
    canonicalJson(input);
    expect(JSON.stringify(input)).toBe(before);
  }
});

test("one object may stand in two places; only a cycle is refused", () => {
  const shared = { x: 1 };
  expect(canonicalJson({ b: shared, a: [shared, shared] })).toBe('{"a":[{"x":1},{"x":1}],"b":{"x":1}}');
});

test("[K6] [R75] a member named __proto__ is data like any other", () => {
  const value: unknown = JSON.parse('{"z":1,"__proto__":{"polluted":true},"a":{"__proto__":1}}');
  expect(canonicalJson(value)).toBe('{"__proto__":{"polluted":true},"a":{"__proto__":1},"z":1}');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test("objects without a prototype count as plain", () => {
  expect(canonicalJson(Object.assign(Object.create(null) as object, { b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
});

test("a text with a backslash before ud is not taken for a surrogate", () => {
  expect(canonicalJson({ b: "\\ud800", a: "\\\\ud" })).toBe('{"a":"\\\\\\\\ud","b":"\\\\ud800"}');
});

const cycle: { self?: unknown } = {};
cycle.self = { again: [cycle] };
const REFUSED: readonly (readonly [name: string, value: unknown, finding: string])[] = [
  ["NaN", { a: [1, Number.NaN] }, "NaN at /a/1"],
  ["Infinity", [Number.POSITIVE_INFINITY], "Infinity at /0"],
  ["minus Infinity", Number.NEGATIVE_INFINITY, "-Infinity at /"],
  ["undefined", undefined, "undefined at /"],
  ["a member that is undefined", { a: { "b/c": undefined } }, "undefined at /a/b~1c"],
  ["a hole in an array", Object.assign([], { 0: 1, 2: 2 }), "undefined at /1"],
  ["a bigint", { a: 1n }, "bigint at /a"],
  ["a function", { a: () => 1 }, "function at /a"],
  ["a symbol", [Symbol("s")], "symbol at /0"],
  ["a lone surrogate", { a: "x\ud800" }, "a lone surrogate at /a"],
  ["a lone low surrogate", ["\udc00x"], "a lone surrogate at /0"],
  ["a key with a lone surrogate", { "\ud800": 1 }, "a key with a lone surrogate at /"],
  ["a lone surrogate beside digit keys", { "9": 1, "10": "\ud800" }, "a lone surrogate at /10"],
  ["a cycle", cycle, "a cycle at /self/again/0"],
  ["a Date", { at: new Date(0) }, "an object that is not plain at /at"],
  ["a Map", new Map(), "an object that is not plain at /"],
  ["bytes", [new Uint8Array(2)], "an object that is not plain at /0"],
  ["a boxed number", { a: Object(1) as unknown }, "an object that is not plain at /a"],
  ["an instance of a class", { a: new (class Point {})() }, "an object that is not plain at /a"],
];

test.each(REFUSED)("[K4] [R51] refuses %s and says where it is", (_, value, finding) => {
  const attempt = () => canonicalJson(value);
  expect(attempt).toThrow(KosError);
  expect(attempt).toThrow(expect.objectContaining({ code: "BAD_REQUEST", message: expect.stringContaining(`: ${finding}.`) as string }));
});

test("nesting is followed to its limit and refused beyond it, without exhausting the stack", () => {
  const nest = (levels: number) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
    return value;
  };
  expect(canonicalJson(nest(MAX_CANONICAL_DEPTH))).toHaveLength(1 + MAX_CANONICAL_DEPTH + MAX_CANONICAL_DEPTH * 3);
  for (const levels of [MAX_CANONICAL_DEPTH + 1, 100_000]) {
    expect(() => canonicalJson(nest(levels))).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  }
});

/** An object from pairs, the last of equal keys winning; `__proto__` becomes an own property. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  return object;
}

function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function rfc8785Numbers(): [bits: string, text: string][] {
  return [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ];
}
