// Makes up for lost hints: looks through the table of open plans for work that nobody holds, and keeps the house in order meanwhile.

import type { AgentControl } from "./agent-control.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { PartitionDriver } from "./partition-driver.ts";

export interface Sweeper {
  /** Resolves when what was open at the start has been found and hinted. */
  start(): Promise<void>;
  sweepNow(): void;
  stop(): void;
}

/** Plans hinted in one sweep at most; the next one goes on. */
const MAX_HINTS = 20_000;
const KEY_CLEANUP_EVERY = 120;

export function createSweeper(parts: EngineParts, drivers: ReadonlyMap<number, PartitionDriver>, agents: AgentControl): Sweeper {
  const { options, limits } = parts;
  let stopTimer: (() => void) | undefined;
  let stopped = false;
  let round = 0;

  async function sweep(driver: PartitionDriver): Promise<void> {
    const { partition } = driver;
    if (partition === undefined || partition.isStopped) return;
    const horizonMs = parts.now() + 2 * limits.sweepEveryMs;
    const rows = await options.tables.read<{ plan_id: string }>((query) =>
      query
        .selectFrom("plan")
        .select("plan_id")
        .where("is_open", "=", 1)
        .where("shard", "=", driver.number)
        .where((where) => where.or([where("has_work", "=", 1), where("next_wake_at", "<=", horizonMs)]))
        .limit(MAX_HINTS),
    );
    for (const { plan_id: planId } of rows) {
      if (!partition.isResident(planId) && !driver.isStuck(planId)) options.queue.push({ partition: driver.number, plan_id: planId });
    }
    partition.trim(limits.residentPlans);
  }

  async function sweepAll(): Promise<void> {
    agents.sweep();
    parts.dispatcher.poke();
    for (const driver of drivers.values()) {
      await sweep(driver);
      // Also serves plans that wait for a circuit to close again.
      driver.tick();
    }
    if (round++ % KEY_CLEANUP_EVERY === KEY_CLEANUP_EVERY - 1) {
      await options.tables.write([{ sql: "DELETE FROM idempotency_key WHERE expires_at < ?", parameters: [parts.now()] }]);
    }
  }

  function later(): void {
    if (stopped) return;
    stopTimer = options.clock.after(limits.sweepEveryMs, () => void run());
  }

  async function run(): Promise<void> {
    try {
      await sweepAll();
    } catch (error) {
      options.logger?.warn("a sweep of the open plans failed; the next one follows", { error });
    }
    later();
  }

  return {
    async start() {
      await sweepAll();
      later();
    },
    sweepNow() {
      void sweepAll().catch((error: unknown) => options.logger?.warn("a sweep of the open plans failed; the next one follows", { error }));
    },
    stop() {
      stopped = true;
      stopTimer?.();
    },
  };
}
