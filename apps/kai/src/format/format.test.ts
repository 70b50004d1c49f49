import { safeText } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatNumber, shortId } from "./quantity.ts";
import { safeLines } from "./safe-text.ts";
import { createStyle } from "./style.ts";
import { renderTable } from "./table.ts";
import { cutTo, padEnd, textWidth, wrap } from "./text-width.ts";

describe("text of others", () => {
  it("[R67] becomes one line without control, bidirectional or invisible characters, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(safeText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    expect(safeText("a\u001b]8;;http://x\u0007b\u{e0041}\u2028")).toBe("a\\u001b]8;;http://x\\u0007b\\u{e0041}\\u2028");
    for (const character of "\u001b\u009b\u061c\u200b\u200e\u202a\u202e\u2060\u2066\u2069\ufeff\u{e007f}")
      expect(safeText(character)).toMatch(/^\\u/);
    expect(safeLines("a\tb\r\nc\u0008")).toEqual(["a  b", "c\\u0008"]);
  });

  it("stays as it is where it is harmless", () => {
    expect(safeText("naïve 文字 👩‍👩‍👧 \\u001b")).toBe("naïve 文字 👩‍👩‍👧 \\u001b");
  });
});

describe("widths", () => {
  it("counts wide characters and leaves colours out", () => {
    expect(textWidth("文字")).toBe(4);
    expect(textWidth(createStyle(true).bad("ab"))).toBe(2);
    expect(padEnd("文", 4)).toBe("文  ");
  });

  it("cuts to the width and closes colours, for any text", () => {
    expect(cutTo("abcdef", 4)).toBe("abc…");
    expect(cutTo("文字文字", 4)).toBe("文…");
    expect(cutTo(createStyle(true).bad("abcdef"), 4)).toBe("\u001b[31mabc…\u001b[0m");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(textWidth(cutTo(safeText(text), columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it("wraps words, and cuts those that are longer than a line", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("abcdefghij x", 4)).toEqual(["abcd", "efgh", "ij x"]);
  });
});

describe("quantities", () => {
  it("are written as people read them", () => {
    expect([0, 850, 3200, 9960, 59_400, 59_700, 125_000, 3_720_000, 273_600_000].map(formatDuration)).toEqual([
      "0 ms",
      "850 ms",
      "3.2 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "2 min 05 s",
      "1 h 02 min",
      "3 d 04 h",
    ]);
    expect([0, 999, 1000, 1_234_567, 99_960_000, 5e12].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "1.2 MB", "100 MB", "5.0 TB"]);
    expect([1234567, 0.123456789].map(formatNumber)).toEqual(["1,234,567", "0.123457"]);
    expect(shortId("019a8c3e-7b1a-7000-8000-0000a1b2c3d4")).toBe("a1b2c3d4");
  });
});

describe("tables", () => {
  it("take the width of their content, and cut what may be cut", () => {
    const columns = [{ title: "id" }, { title: "n", align: "right" as const }, { title: "goal", flexible: true }];
    const rows = [
      ["a", "10", "文字 and more text than fits"],
      ["bb", "9", "short"],
    ];
    expect(renderTable(columns, rows, 24, createStyle(false))).toEqual(["ID   N  GOAL", "a   10  文字 and more t…", "bb   9  short"]);
  });
});
