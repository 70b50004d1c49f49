import { expect, test, vi } from "vitest";
import { selfTest } from "./self-test.ts";

test("[R137] this platform passes its self-test", () => {
  expect(() => selfTest()).not.toThrow();
});

test("[K12] [R137] a platform that answers wrongly is refused, and every wrong answer is named", () => {
  const stringify = vi.spyOn(JSON, "stringify").mockReturnValue("{}");
  try {
    expect(() => selfTest()).toThrow(
      expect.objectContaining({
        code: "INTERNAL",
        details: { problems: ["canonical JSON is wrong"] },
        message: expect.stringContaining("fails the self-test") as string,
      }),
    );
  } finally {
    stringify.mockRestore();
  }
});
