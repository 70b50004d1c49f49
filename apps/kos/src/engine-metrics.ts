// What the engine reports, as the node counts it.

import type { EngineMetrics } from "@kos/kcore";
import { ATTEMPT_OUTCOMES, type AttemptOutcome, type NodeMetrics } from "@kos/telemetry";

export function engineMetrics(metrics: NodeMetrics): EngineMetrics {
  return {
    taskEnded({ capability, agent, outcome, queuedMs, runMs }) {
      metrics.attemptStarted({ agent, capability }, queuedMs);
      metrics.attemptEnded({ agent, capability }, outcomeOf(outcome), runMs);
    },
    taskRetried: ({ capability }) => metrics.retryScheduled({ agent: "kCore:main", capability }),
    committed: ({ events, ms }) => metrics.committed({ events, bytes: 0, ms }),
    inFlight: () => undefined,
    inDoubt: (count) => metrics.inDoubt({ agent: "kCore:main", capability: "all" }, count),
  };
}

function outcomeOf(text: string): AttemptOutcome {
  return ATTEMPT_OUTCOMES.find((outcome) => outcome === text) ?? "failed";
}
