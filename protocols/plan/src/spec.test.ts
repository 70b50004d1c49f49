import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { FINDING_CODES } from "./finding.ts";

describe("SPEC.md", () => {
  it("explains every code of a finding and no other", async () => {
    const spec = await readFile(new URL("../SPEC.md", import.meta.url), "utf8");
    const explained = [...spec.matchAll(/^\| `([A-Z_]+)` *\|/gm)].map((match) => match[1]);
    expect(new Set(explained)).toEqual(new Set(FINDING_CODES));
    expect(explained).toHaveLength(FINDING_CODES.length);
  });
});
