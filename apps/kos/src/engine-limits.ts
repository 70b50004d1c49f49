// The `engine` section of the configuration and the bounds on plans, in the words of the engine.

import type { KosConfig } from "@kos/config";
import type { EngineLimits } from "@kos/kcore";

export function engineLimits({ engine, limits }: KosConfig): EngineLimits {
  return {
    leaseMs: engine.lease_ms,
    cancelGraceMs: engine.cancel_grace_ms,
    reviewTimeoutMs: engine.review_timeout_ms,
    breakerThreshold: engine.breaker_threshold,
    breakerOpenMs: engine.breaker_open_ms,
    sweepEveryMs: engine.sweep_every_ms,
    residentPlans: engine.resident_plans,
    openPlans: limits.open_plans,
    planTasks: limits.plan_tasks,
  };
}
