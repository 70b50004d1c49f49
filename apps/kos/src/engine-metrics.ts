// What the engine reports, as the node counts it.

import type { Engine, EngineMetrics } from "@kos/kcore";
import { ATTEMPT_OUTCOMES, type AttemptOutcome, type LogStore, type NodeMetrics } from "@kos/telemetry";

/** Doubt is rare; beyond this many a number says no more. */
const MOST_COUNTED = 500;

export function engineMetrics(metrics: NodeMetrics): EngineMetrics {
  return {
    taskEnded({ capability, agent, outcome, queuedMs, runMs }) {
      metrics.attemptEnded({ agent, capability }, outcomeOf(outcome), { queuedMs, runMs });
    },
    taskRetried: ({ capability, cause }) => metrics.retryScheduled(capability, outcomeOf(cause)),
    committed: (commit) => metrics.committed(commit),
    inFlight: ({ capability, count }) => metrics.capabilityInFlight(capability, count),
    inDoubt: (count) => metrics.inDoubt(count),
  };
}

function outcomeOf(text: string): AttemptOutcome {
  return ATTEMPT_OUTCOMES.find((outcome) => outcome === text) ?? "failed";
}

/** What is read when somebody asks rather than counted as it happens: agents, doubt, lost log records. */
export async function observeNode(metrics: NodeMetrics, engine: Engine, logs: LogStore, tenant: string): Promise<void> {
  for (const { id, state, inFlight } of engine.registry.list()) {
    metrics.agentState(id, state);
    metrics.agentInFlight(id, inFlight);
  }
  metrics.inDoubt((await engine.queries.plans({ tenant, status: ["in_doubt"], limit: MOST_COUNTED })).items.length);
  metrics.logRecordsDropped(logs.dropped);
}
