// The metrics of a node as Prometheus reads them. Names follow the Prometheus conventions: base units, `_total` on counters.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { createLabelBound, createWorkBound } from "./label-bound.ts";
import { AGENT_STATES, type NodeMetrics } from "./node-metrics.ts";

export interface PrometheusMetricsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Also process, heap, garbage collection and event loop; default true. */
  readonly process?: boolean;
  /** Different values of one label; default 200. Five times as many pairs of agent and capability. */
  readonly maxLabelValues?: number;
}

const MAX_LABEL_VALUES = 200;
/** Pairs of agent and capability kept apart, as a multiple of the values of one label. */
const PAIRS_PER_VALUE = 5;
const WORK = ["agent", "capability"] as const;
const WAIT_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];
const RUN_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const COMMIT_BUCKETS_S = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const COMMIT_EVENTS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** Gauges whose names end like a counter's, which `promtool check metrics` refuses. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

export function prometheusMetrics(options: PrometheusMetricsOptions): NodeMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process !== false) {
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
  }
  const maxValues = options.maxLabelValues ?? MAX_LABEL_VALUES;
  const work = createWorkBound(maxValues, maxValues * PAIRS_PER_VALUE);
  const bounds = { agent: createLabelBound(maxValues), capability: createLabelBound(maxValues), queue: createLabelBound(maxValues) };
  const heartbeats = new Map<string, number>();

  const attempts = new Counter({
    name: "kos_task_attempts_total",
    help: "Attempts at tasks that ended, by outcome.",
    labelNames: [...WORK, "outcome"],
    registers,
  });
  const retries = new Counter({
    name: "kos_task_retries_total",
    help: "Further attempts that were scheduled, by how the one before ended.",
    labelNames: ["capability", "cause"],
    registers,
  });
  const capabilityCalls = new Gauge({
    name: "kos_capability_calls_in_flight",
    help: "Calls of a capability that run now.",
    labelNames: ["capability"],
    registers,
  });
  const agentCalls = new Gauge({ name: "kos_agent_calls_in_flight", help: "Calls an agent holds now.", labelNames: ["agent"], registers });
  const inDoubt = new Gauge({ name: "kos_plans_in_doubt", help: "Plans with a task whose outside effect is not known.", registers });
  const queued = new Histogram({
    name: "kos_task_queue_seconds",
    help: "From ready to dispatched.",
    labelNames: WORK,
    buckets: WAIT_BUCKETS_S,
    registers,
  });
  const ran = new Histogram({
    name: "kos_task_run_seconds",
    help: "From dispatched to ended.",
    labelNames: WORK,
    buckets: RUN_BUCKETS_S,
    registers,
  });
  const agentState = new Gauge({
    name: "kos_agent_state",
    help: "1 for the state an agent is in, 0 for the others.",
    labelNames: ["agent", "state"],
    registers,
  });
  new Gauge({
    name: "kos_agent_heartbeat_age_seconds",
    help: "Time since an agent's last heartbeat.",
    labelNames: ["agent"],
    registers,
    collect() {
      this.reset();
      for (const [agent, atMs] of heartbeats) this.set({ agent }, Math.max(0, options.now() - atMs) / 1000);
    },
  });
  const commitTime = new Histogram({
    name: "kos_commit_seconds",
    help: "Commits of the event log, until on disk.",
    buckets: COMMIT_BUCKETS_S,
    registers,
  });
  const commitEvents = new Histogram({
    name: "kos_commit_events",
    help: "Events in one commit.",
    buckets: COMMIT_EVENTS_BUCKETS,
    registers,
  });
  const commitRows = new Histogram({
    name: "kos_commit_rows",
    help: "Projection rows changed in one commit.",
    buckets: COMMIT_EVENTS_BUCKETS,
    registers,
  });
  const queueSize = new Gauge({ name: "kos_queue_hints", help: "Hints waiting in a queue.", labelNames: ["queue", "state"], registers });
  const dropped = new Gauge({ name: "kos_log_records_dropped", help: "Log records dropped since start.", registers });

  return {
    attemptEnded(labels, outcome, { queuedMs, runMs }) {
      const bounded = work(labels);
      attempts.inc({ ...bounded, outcome });
      queued.observe(bounded, seconds(queuedMs));
      ran.observe(bounded, seconds(runMs));
    },
    retryScheduled: (capability, cause) => retries.inc({ capability: bounds.capability(capability), cause }),
    capabilityInFlight: (capability, calls) => capabilityCalls.set({ capability: bounds.capability(capability) }, finite(calls)),
    agentInFlight: (agent, calls) => agentCalls.set({ agent: bounds.agent(agent) }, finite(calls)),
    inDoubt: (plans) => inDoubt.set(finite(plans)),
    agentState(agent, state) {
      const bounded = bounds.agent(agent);
      for (const each of AGENT_STATES) agentState.set({ agent: bounded, state: each }, each === state ? 1 : 0);
    },
    heartbeat: (agent) => void heartbeats.set(bounds.agent(agent), options.now()),
    agentRemoved(agent) {
      const bounded = bounds.agent(agent);
      heartbeats.delete(bounded);
      agentCalls.remove({ agent: bounded });
      for (const state of AGENT_STATES) agentState.remove({ agent: bounded, state });
    },
    committed({ events, rows, ms }) {
      commitTime.observe(seconds(ms));
      commitEvents.observe(finite(events));
      commitRows.observe(finite(rows));
    },
    queueSize(queue, { ready, delayed }) {
      const bounded = bounds.queue(queue);
      queueSize.set({ queue: bounded, state: "ready" }, finite(ready));
      queueSize.set({ queue: bounded, state: "delayed" }, finite(delayed));
    },
    logRecordsDropped: (total) => dropped.set(finite(total)),
    async render() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    [Symbol.dispose]() {
      registry.clear();
    },
  };
}

function seconds(ms: number): number {
  return finite(ms) / 1000;
}

/** A measurement gone wrong counts as nothing; prom-client would throw. */
function finite(value: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}
