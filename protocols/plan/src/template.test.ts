import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Reference, Template } from "./template.ts";
import { parseTemplate, writeTemplate } from "./template.ts";

const a: Reference = { name: "a", path: ["b", 0], text: "${a.b[0]}" };

describe("templates", () => {
  it('[P13] read ${"…"} as the text inside, so that anything can be written', () => {
    expect(parseTemplate('costs ${"$"}${a.b[0]} ${"${x}"}${"}"}', "$")).toEqual(["costs $", a, " ${x}}"]);
    expect(parseTemplate('${""}', "$")).toEqual([""]);
    expect(() => parseTemplate('${"open}', "$")).toThrow(/is not a reference/);
  });

  it("[P13] property: what was written is read back as the same parts, whatever the text", () => {
    const text = fc.string({ unit: fc.constantFrom("$", "{", "}", '"', "a", "\\", "\n", "é") });
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.constant(a))), (parts) => {
        const merged = parts.reduce<(string | Reference)[]>((list, part) => {
          const last = list.at(-1);
          if (typeof part === "string" && typeof last === "string") return [...list.slice(0, -1), last + part];
          return [...list, part];
        }, []);
        const kept: Template = merged.filter((part) => part !== "");
        expect(parseTemplate(writeTemplate(parts), "$")).toEqual(kept.length === 0 ? [""] : kept);
      }),
      { numRuns: 1000 },
    );
  });
});
