import fc from "fast-check";
import { expect, it } from "vitest";
import { safeText } from "./safe-text.ts";

it("[R67] writes line ends, terminal codes and separators as escapes", () => {
  expect(safeText("a\nb\r\tc\u001b[31m\u2028\u2029\u0000\u007f\u0085")).toBe("a\\nb\\r\\tc\\u001b[31m\\u2028\\u2029\\u0000\\u007f\\u0085");
});

it("[R107] writes bidirectional controls, tag characters and lone surrogates as escapes", () => {
  expect(safeText("\u202etxt.exe\u2066\u{e0041}\ud800x")).toBe("\\u202etxt.exe\\u2066\\u{e0041}\\ud800x");
});

it("leaves ordinary text of any script alone", () => {
  for (const text of ["plain", "größer", "日本語", "עברית", "👩🏽 \u{1f600}", "👩\u200d💻", "C:\\new"]) expect(safeText(text)).toBe(text);
});

it("[R67] always gives one line, and is stable", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const safe = safeText(text);
      expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(safe.isWellFormed()).toBe(true);
      expect(safeText(safe)).toBe(safe);
    }),
  );
});
