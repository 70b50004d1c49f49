import { loadConfig } from "@kos/config";
import { describe, expect, it } from "vitest";
import { engineLimits } from "./engine-limits.ts";

const load = (env: Record<string, string>) =>
  loadConfig({
    shippedDir: "/shipped",
    dataDir: "/data",
    env,
    flags: {},
    files: { read: () => Promise.resolve(undefined), list: () => Promise.resolve([]) },
  });

describe("limits of the engine", () => {
  it("are these where nobody says otherwise", async () => {
    expect(engineLimits((await load({})).value)).toEqual({
      leaseMs: 30_000,
      cancelGraceMs: 10_000,
      reviewTimeoutMs: 120_000,
      breakerThreshold: 10,
      breakerOpenMs: 10_000,
      sweepEveryMs: 5_000,
      residentPlans: 5_000,
      openPlans: 10_000,
      planTasks: 20_000,
    });
  });

  it("come from any layer, which says where they come from, and are refused outside their bounds", async () => {
    const { value, explain } = await load({ KOS_ENGINE__LEASE_MS: "7000", KOS_ENGINE__BREAKER_THRESHOLD: "3" });
    expect(engineLimits(value)).toMatchObject({ leaseMs: 7000, breakerThreshold: 3, cancelGraceMs: 10_000 });
    expect(engineLimits((await load({ KOS_LIMITS__OPEN_PLANS: "7" })).value).openPlans).toBe(7);
    expect(explain("engine.lease_ms")).toMatchObject({ value: 7000, layer: "environment", overridden: [{ value: 30_000 }] });
    await expect(load({ KOS_ENGINE__LEASE_MS: "0" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("engine.lease_ms"),
    });
  });
});
