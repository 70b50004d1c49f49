import { describe, expect, it } from "vitest";
import { missingTime, startNow, timeOf } from "./when.ts";

const base = startNow("Europe/Berlin");

describe("when a run begins", () => {
  it.each([
    [base, undefined],
    [
      { ...base, kind: "once" as const, at: "2027-03-01T09:00" },
      { at: "2027-03-01T09:00", zone: "Europe/Berlin" },
    ],
    [
      { ...base, kind: "again" as const, every: " 0 9 * * 1 ", at: "2027-03-01T09:00" },
      { every: "0 9 * * 1", zone: "Europe/Berlin" },
    ],
    [{ ...base, kind: "again" as const, every: "1h", zone: " " }, { every: "1h" }],
    [{ ...base, kind: "again" as const, every: " " }, undefined],
  ])("%j is %j to the node", (when, time) => {
    expect(timeOf(when)).toEqual(time);
  });

  it("says what is missing, and nothing of a run that starts now", () => {
    expect(missingTime(base)).toBeUndefined();
    expect(missingTime({ ...base, kind: "once" })).toContain("when");
    expect(missingTime({ ...base, kind: "again" })).toContain("how often");
    expect(missingTime({ ...base, kind: "again", every: "1h" })).toBeUndefined();
  });
});
