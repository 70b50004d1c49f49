// What the parts of the engine share: options with defaults filled, registry and dispatcher, and small reads of the tables.

import { DEFAULT_FLOW_POLICY } from "@kos/plan";
import { Dispatcher } from "../dispatcher/dispatcher.ts";
import type { EngineLimits, EngineOptions } from "../engine-api.ts";
import type { PartitionPorts } from "../partition/partition-core.ts";
import type { KnownKey } from "../partition/partition-io.ts";
import { partitionOf } from "../partition/partition-of.ts";
import { AgentRegistry } from "../registry/agent-registry.ts";

const DEFAULT_LIMITS: EngineLimits = {
  leaseMs: 30_000,
  cancelGraceMs: 10_000,
  sweepEveryMs: 5_000,
  breakerThreshold: 10,
  breakerOpenMs: 10_000,
  residentPlans: 5_000,
  openPlans: 10_000,
  planTasks: 20_000,
  reviewTimeoutMs: 120_000,
};

/** About 28 steps. A sync costs as much as deciding a few of them. */
const LEAST_HALF = 64;

export interface EngineParts {
  readonly options: EngineOptions;
  readonly limits: EngineLimits;
  readonly partitions: number;
  readonly registry: AgentRegistry;
  readonly dispatcher: Dispatcher;
  /** Names this run of the engine; a local agent's call of another run is lost. */
  readonly engineId: string;
  readonly now: () => number;
  readonly partitionOf: (planId: string) => number;
  readonly portsFor: (partition: number) => Omit<PartitionPorts, "emit">;
  readonly readKey: (scope: string) => Promise<KnownKey | undefined>;
}

export function engineParts(options: EngineOptions): EngineParts {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const partitions = options.partitions ?? 1;
  const registry = new AgentRegistry();
  const { metrics } = options;
  const dispatcher = new Dispatcher(registry, limits, metrics && ((capability, count) => metrics.inFlight({ capability, count })));
  const engineId = options.newId();
  return {
    options,
    limits,
    partitions,
    registry,
    dispatcher,
    engineId,
    now: () => options.clock.now(),
    partitionOf: (planId) => partitionOf(planId, partitions),
    portsFor: (partition) => ({
      partition,
      engine: engineId,
      newId: options.newId,
      random: options.random,
      dispatcher,
      catalogue: registry,
      offer: (capability) => registry.offer(capability),
      policy: DEFAULT_FLOW_POLICY,
      planTasks: limits.planTasks,
      leaseMs: limits.leaseMs,
      cancelGraceMs: limits.cancelGraceMs,
      reviewTimeoutMs: limits.reviewTimeoutMs,
      // A plan dropped from memory is found again by a sweep before its time comes.
      passivateAfterMs: 3 * limits.sweepEveryMs,
      leastHalf: LEAST_HALF,
      idempotencyKey: options.idempotencyKey,
      isAlive: (lease) => registry.holds(lease.agent, lease.token),
      ...(metrics && {
        onCall: (sample) => {
          metrics.taskEnded(sample);
          if (sample.isRetried) metrics.taskRetried({ capability: sample.capability, cause: sample.outcome });
        },
      }),
    }),
    readKey: (scope) => readKey(options, scope),
  };
}

async function readKey({ tables, clock }: EngineOptions, scope: string): Promise<KnownKey | undefined> {
  const [row] = await tables.read<{ plan_id: string; body_hash: string; expires_at: number }>((query) =>
    query
      .selectFrom("idempotency_key")
      .select(["plan_id", "body_hash", "expires_at"])
      .where("scope", "=", scope)
      .where("expires_at", ">", clock.now()),
  );
  return row && { planId: row.plan_id, bodyHash: row.body_hash, expiresAtMs: row.expires_at };
}
