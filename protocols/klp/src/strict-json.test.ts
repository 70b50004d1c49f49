import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { isKosError } from "./errors.ts";
import { parseStrict } from "./strict-json.ts";
import { readStrictJson } from "./strict-json-reader.ts";
import { missingVectors, readVector } from "./vectors.fixture.ts";

const encoder = new TextEncoder();
const parse = (text: string) => parseStrict(encoder.encode(text));

const missing = missingVectors("jcs/input");
test.skipIf(missing).each(["arrays", "french", "structures", "unicode", "values", "weird"])(
  `[R51] reads both sides of RFC 8785 pair %s as the same value${missing ? ` (skipped: ${missing})` : ""}`,
  (name) => {
    const output = readVector(`jcs/output/${name}.json`);
    expect(canonicalJson(parseStrict(readVector(`jcs/input/${name}.json`)))).toBe(new TextDecoder().decode(output));
    expect(canonicalJson(parseStrict(output))).toBe(new TextDecoder().decode(output));
  },
);

const ACCEPTED: readonly (readonly [text: string, value: unknown])[] = [
  [" \t\r\n[1 , 2]\n", [1, 2]],
  ['"\\u00e9\\u20AC\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"', 'é€😀/\b\f\n\r\t"\\'],
  ["9007199254740991", 9007199254740991],
  ["-9007199254740991", -9007199254740991],
  ["1E30", 1e30],
  ["1e-400", 0],
  ["-0", -0],
  ["0.1e+1", 1],
  ['{"a":{},"b":[],"":null}', { a: {}, b: [], "": null }],
  ['{"b":1,"a":true,"A":false}', { b: 1, a: true, A: false }],
  ['"\u2028\u2029\u007f"', "\u2028\u2029\u007f"],
];

test.each(ACCEPTED)("reads %s", (text, value) => {
  expect(parse(text)).toEqual(value);
});

const REFUSED: readonly (readonly [name: string, text: string, finding: string])[] = [
  ["a byte order mark", "\ufeff{}", "a byte order mark, line 1, column 1, at /"],
  ["a repeated name", '{"a":1,"a":1}', 'the member name "a" a second time, line 1, column 8, at /'],
  ["a name repeated by escape", '{"a":1,"\\u0061":2}', 'the member name "a" a second time, line 1, column 8, at /'],
  ["a repeated name further in", '[{"b":{"x":1,\n "x":2}}]', 'the member name "x" a second time, line 2, column 2, at /0/b'],
  ["__proto__ twice", '{"__proto__":1,"__proto__":2}', 'the member name "__proto__" a second time, line 1, column 16, at /'],
  ["an escaped lone surrogate", '{"a":"\\ud800"}', "a lone surrogate, line 1, column 6, at /a"],
  ["an escaped lone low surrogate", '["\\uDC00\\ud800"]', "a lone surrogate, line 1, column 2, at /0"],
  ["a lone surrogate in a name", '{"\\udfff":1}', "a lone surrogate, line 1, column 2, at /"],
  ["an integer beyond 2^53", "[9007199254740993]", "an integer beyond 2^53 - 1; send it as a string, line 1, column 2, at /0"],
  ["2^53 itself, which 2^53 + 1 rounds to", "9007199254740992", "an integer beyond 2^53 - 1"],
  ["a negative integer beyond 2^53", '{"n":-9007199254740993}', "an integer beyond 2^53 - 1; send it as a string, line 1, column 6, at /n"],
  ["a long integer", "123456789012345678901234567890", "an integer beyond 2^53 - 1"],
  ["a number beyond all doubles", "1e400", "a number beyond what a double can hold"],
  ["NaN", "NaN", "something that is not a JSON value"],
  ["Infinity", "-Infinity", "something that is not a JSON value"],
  ["nothing", "", "the end of the text where a value belongs"],
  ["blanks", "  \n", "the end of the text where a value belongs, line 2, column 1"],
  ["two values", "{} {}", "more after the end of the value, line 1, column 4"],
  ["a trailing comma", "[1,]", "something that is not a JSON value"],
  ["a trailing comma in an object", '{"a":1,}', "no member name in double quotes"],
  ["a missing comma", "[1 2]", "no comma or closing bracket"],
  ["a missing colon", '{"a" 1}', "no colon after a member name"],
  ["an unclosed array", "[[1]", "no comma or closing bracket"],
  ["an unclosed object", '{"a":1', "no comma or closing brace"],
  ["an unclosed string", '"abc', "a string without its end, line 1, column 1"],
  ["a raw line break in a string", '"a\nb"', "a control character in a string"],
  ["a NUL in a string", '"\u0000"', "a control character in a string"],
  ["an unknown escape", '"\\x41"', "an unknown escape"],
  ["a broken escape", '"\\u12g4"', "an escape that is not \\u and four hex digits"],
  ["a cut escape", '"\\u12', "an escape that is not \\u and four hex digits"],
  ["an escape named like a method", '"\\constructor"', "an unknown escape"],
  ["a leading zero", "01", "more after the end of the value"],
  ["a plus sign", "+1", "something that is not a JSON value"],
  ["a number without fraction", "1.", "more after the end of the value"],
  ["a number that begins with a point", ".5", "something that is not a JSON value"],
  ["a bare minus", "-", "something that is not a JSON value"],
  ["hexadecimal", "0x10", "more after the end of the value"],
  ["a comment", "/* */ 1", "something that is not a JSON value"],
  ["single quotes", "{'a':1}", "no member name in double quotes"],
  ["a word in capitals", "True", "something that is not a JSON value"],
  ["a cut word", "tru", "something that is not a JSON value"],
  ["a no-break space", "\u00a01", "something that is not a JSON value"],
];

test.each(REFUSED)("[K5] [R51] refuses %s and says where", (_, text, finding) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: "BAD_ENVELOPE", message: expect.stringContaining(finding) as string }));
});

test.each([
  ["a stray continuation byte", [0x22, 0x80, 0x22]],
  ["an overlong form", [0x22, 0xc0, 0xaf, 0x22]],
  ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ["a code point beyond U+10FFFF", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
  ["a cut sequence", [0x22, 0xe2, 0x82]],
  ["UTF-16", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ["the bytes of a byte order mark", [0xef, 0xbb, 0xbf, 0x31]],
])("[R51] refuses %s", (_, bytes) => {
  expect(() => parseStrict(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: "BAD_ENVELOPE" }));
});

test("the place of an error is in its details, and the code is the caller's", () => {
  const bytes = encoder.encode('{\n  "a": [1, 2,, 3]\n}');
  expect(() => parseStrict(bytes, { code: "BAD_REQUEST" })).toThrow(
    expect.objectContaining({ code: "BAD_REQUEST", details: { line: 2, column: 14, path: "/a/2" } }),
  );
});

test("a text beyond the byte limit is refused before it is read", () => {
  expect(parseStrict(encoder.encode('"éé"'), { maxBytes: 6 })).toBe("éé");
  expect(() => parseStrict(Uint8Array.of(0xff, 0xff, 0xff), { maxBytes: 2 })).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
});

test("levels are counted to the limit, for canonical and other text alike", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ["[ ", "]"],
  ] as const) {
    const nest = (levels: number) => `${open.repeat(levels - 1)}[]${close.repeat(levels - 1)}`;
    expect(() => parse(nest(64))).not.toThrow();
    expect(() => parse(nest(65))).toThrow(
      expect.objectContaining({ code: "BAD_ENVELOPE", message: expect.stringContaining("more than 64 levels") as string }),
    );
    expect(() => parseStrict(encoder.encode(nest(3)), { maxDepth: 2 })).toThrow(expect.objectContaining({ code: "BAD_ENVELOPE" }));
  }
  expect(() => parse("[".repeat(1_000_000))).toThrow(expect.objectContaining({ code: "BAD_ENVELOPE" }));
});

test.each([
  '{"__proto__":{"polluted":1},"a":1}',
  '{ "a" : 1, "__proto__" : {"polluted":1} }',
  '{"constructor":{"prototype":{"polluted":1}}}',
])("[K6] [R75] %s changes no prototype and keeps its members", (text) => {
  const value = parse(text) as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((value as { polluted?: unknown }).polluted).toBeUndefined();
});

test("[K7] [R51] the quick way and the reader agree on every text: both refuse it, or both give the same value", () => {
  const key = fc.oneof(fc.string(), fc.constantFrom("a", "b", "__proto__", "10", "9"));
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(2 ** 53, 2 ** 53 - 1, 1e20, 1e21, -1e16),
  );
  const json = fc.jsonValue({ maxDepth: 4 });
  const value = fc.oneof(json, number, fc.dictionary(key, fc.oneof(json, number)));
  const piece = fc.constantFrom(
    "",
    " ",
    ",",
    '"a":1,',
    '"',
    "\\",
    "\\ud800",
    "[",
    "]",
    "{",
    "}",
    "9007199254740993",
    "1e999",
    "\ufeff",
    "\u0000",
    ":",
    "-",
    "e1",
  );
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(2), piece), { maxLength: 2 });
  fc.assert(
    fc.property(value, edits, fc.boolean(), (input, changes, spaced) => {
      let text = spaced ? JSON.stringify(input, null, 1) : canonicalJson(input);
      for (const [at, remove, insert] of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert + text.slice(place + remove);
      }
      text = text.toWellFormed();
      const quick = outcome(() => parse(text));
      expect(quick).toEqual(outcome(() => readStrictJson(text, 64, "BAD_ENVELOPE")));
      // What is accepted means the same to the engine's own parser.
      if (quick.startsWith("value ")) expect(quick).toBe(`value ${show(JSON.parse(text))}`);
    }),
    { numRuns: 2000 },
  );
});

test("random bytes give a value or a KosError, never anything else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: "grapheme" }).map((text) => encoder.encode(text)),
      ),
      (bytes) => {
        expect(outcome(() => parseStrict(bytes))).toMatch(/^(value|BAD_ENVELOPE)/);
      },
    ),
  );
});

function outcome(read: () => unknown): string {
  try {
    return `value ${show(read())}`;
  } catch (error) {
    return isKosError(error) ? `${error.code} ${error.message}` : `not a KosError: ${String(error)}`;
  }
}

/** Tells negative zero from zero, which JSON.stringify does not. */
function show(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (Object.is(item, -0) ? "negative zero" : item));
}
