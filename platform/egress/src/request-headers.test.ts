import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequestHeaders } from "./request-headers.ts";

describe("readRequestHeaders", () => {
  it("[E13] lowers names, trims values and keeps the rest", () => {
    expect([...readRequestHeaders({ "X-Token": " a b\t", Accept: "é" })]).toEqual([
      ["x-token", "a b"],
      ["accept", "é"],
    ]);
  });

  it.each([
    { "x-a": "1\r\nhost: evil" },
    { "x-a": "1\nx" },
    { "x-a": "a\u0000b" },
    { "x-a": "snow ☃" },
    { "x a": "1" },
    { "x:a": "1" },
    { "": "1" },
    { "x-a\r\n": "1" },
    { "X-A": "1", "x-a": "2" },
    { "x-a": "a".repeat(40_000) },
    Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, "1"])),
    JSON.parse('{"__proto__": "1"}') as Record<string, string>,
  ])("[E13] [R30] refuses a malformed, repeated or oversized header: %j", (headers) => {
    expect(() => readRequestHeaders(headers)).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  it("[E13] [R30] lets nothing through that could end a line, for any text; SQL and quotes are just text", () => {
    expect(readRequestHeaders({ "x-q": "' OR 1=1; DROP TABLE users; --" }).get("x-q")).toContain("DROP TABLE");
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (name, value) => {
        try {
          for (const [readName, readValue] of readRequestHeaders({ [name]: value }))
            expect(`${readName}${readValue}`).not.toMatch(/[\r\n\0]/);
        } catch (error) {
          expect(isKosError(error)).toBe(true);
        }
      }),
    );
  });
});
