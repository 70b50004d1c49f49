import { canonicalJson } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "./json-body.ts";

describe("readJson", () => {
  it("[E24] keeps what a double cannot hold, digit for digit, as text", () => {
    const text = '{"id": 12345678901234567890, "n": [9007199254740993, -1e400, 9007199254740991, 0.1]}';
    expect(readJson(text)).toEqual({
      value: { id: "12345678901234567890", n: ["9007199254740993", "-1e400", 9007199254740991, 0.1] },
      adjusted: true,
    });
  });

  it("[E24] replaces lone surrogates in values and keys", () => {
    expect(readJson('{"a\\ud800": "x\\udfff"}')).toEqual({ value: { "a\ufffd": "x\ufffd" }, adjusted: true });
  });

  it("[E24] [R75] leaves __proto__ out, at any depth, and changes no prototype", () => {
    const read = readJson('{"a": [{"__proto__": {"polluted": 1}, "b": 2}], "constructor": {"prototype": {"polluted": 1}}}');
    expect(JSON.stringify(read?.value)).toBe('{"a":[{"b":2}],"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("[E24] gives up on what is nested beyond 48 levels, however large it is", () => {
    expect(readJson("[".repeat(48) + "]".repeat(48))).toBeDefined();
    expect(readJson("[".repeat(49) + "]".repeat(49))).toBeUndefined();
    expect(readJson("[".repeat(2_000_000))).toBeUndefined();
    expect(readJson(JSON.stringify({ text: '"['.repeat(500) }))).toMatchObject({ adjusted: false });
  });

  it.each(["", "{", "nul", "{'a': 1}", "[1,]", "<html>"])("[E24] is undefined for %j", (text) => {
    expect(readJson(text)).toBeUndefined();
  });

  it("[E24] what it reads can be canonicalised, for any JSON text; and plain JSON is unchanged", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.bigInt().map(String)), (text) => {
        const read = readJson(text);
        if (read !== undefined) expect(() => canonicalJson(read.value)).not.toThrow();
        if (read?.adjusted === false) expect(read.value).toEqual(JSON.parse(text));
      }),
    );
  });
});
