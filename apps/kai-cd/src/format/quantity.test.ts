import { expect, it } from "vitest";
import { formatBytes, formatDuration, plural, shortId } from "./quantity.ts";

it("writes quantities as people read them", () => {
  expect([0, 999, 1000, 46_433, 999_600, 2_500_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "46.4 kB",
    "1.0 MB",
    "2.5 GB",
  ]);
  expect([-5, 400, 9_940, 12_300, 185_000, 7_620_000].map(formatDuration)).toEqual([
    "0.0 s",
    "0.4 s",
    "9.9 s",
    "12 s",
    "3 min 05 s",
    "2 h 07 min",
  ]);
  expect([plural(1, "task"), plural(2, "process", "processes")]).toEqual(["1 task", "2 processes"]);
  expect(shortId("019a8c3e-7b1a-7000-8000-0000a1b2c3d4")).toBe("a1b2c3d4");
});
