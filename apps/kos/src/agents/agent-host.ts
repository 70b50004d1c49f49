// Hosts the node's own agents: those that only wait or map beside the engine, all others in child processes. It is the engine's transport.

import {
  type Agent,
  type AgentRunner,
  type ArtifactSink,
  type CallAddress,
  createAgentRunner,
  type MessageFromAgent,
  type MessageToAgent,
  type TaskLogger,
} from "@kos/agent";
import type { Clock, LostCall, Transport } from "@kos/kcore";
import { canonicalJson, KosError, sha256Hex } from "@kos/klp";
import { createWorkerPool, type WorkerConnection, type WorkerEvents, type WorkerPool } from "@kos/workers";

/** One agent and how it lives. */
export interface HostedAgent {
  readonly agent: Agent;
  readonly hosting:
    | { readonly kind: "inline" }
    | {
        readonly kind: "processes";
        readonly size: number;
        readonly slots: number;
        readonly start: (events: WorkerEvents) => WorkerConnection;
      };
}

export interface AgentHostOptions {
  readonly agents: readonly HostedAgent[];
  readonly clock: Clock;
  readonly idleMs: number;
  readonly graceMs: number;
  readonly artifacts: (call: CallAddress) => ArtifactSink;
  readonly log: (call: CallAddress) => TaskLogger;
  readonly within: <T>(call: CallAddress, work: () => Promise<T>) => Promise<T>;
  readonly onMessage: (agentId: string, message: MessageFromAgent, evidence: { readonly envelopeHash: string }) => void;
  readonly onHeartbeat: (agentId: string) => void;
  readonly onLost: (calls: readonly LostCall[]) => void;
}

export interface AgentHost extends Transport {
  /** Processes alive for this agent; 0 for one beside the engine. */
  processes(agentId: string): number;
  /** Kills the agent's processes; what they held is reported lost. */
  restart(agentId: string): void;
  close(): Promise<void>;
}

type Host = { readonly kind: "inline"; readonly runner: AgentRunner } | { readonly kind: "processes"; readonly pool: WorkerPool };

export function createAgentHost(options: AgentHostOptions): AgentHost {
  const hosts = new Map<string, Host>(options.agents.map((hosted) => [hosted.agent.id, hostFor(hosted)]));

  function hostFor({ agent, hosting }: HostedAgent): Host {
    if (hosting.kind === "inline") {
      const runner = createAgentRunner({
        agent,
        artifacts: options.artifacts,
        log: options.log,
        now: options.clock.now,
        within: options.within,
        send: (message) => options.onMessage(agent.id, message, { envelopeHash: localHash(agent.id, message) }),
      });
      return { kind: "inline", runner };
    }
    const pool = createWorkerPool({
      size: hosting.size,
      slots: hosting.slots,
      idleMs: options.idleMs,
      graceMs: options.graceMs,
      start: hosting.start,
      onLost: options.onLost,
      onHeartbeat: () => options.onHeartbeat(agent.id),
      onMessage: (message, evidence) => options.onMessage(agent.id, message, evidence),
      after: options.clock.after,
    });
    return { kind: "processes", pool };
  }

  return {
    send(agentId, message) {
      const host = hosts.get(agentId);
      if (!host) {
        options.onLost([lostCall(message, `there is no agent ${agentId} on this node`)]);
        return;
      }
      if (host.kind === "inline") host.runner.handle(message);
      else host.pool.send(message);
    },
    processes(agentId) {
      const host = hosts.get(agentId);
      return host?.kind === "processes" ? host.pool.processes : 0;
    },
    restart(agentId) {
      const host = hosts.get(agentId);
      if (host?.kind === "processes") host.pool.restart();
    },
    async close() {
      const reason = new KosError("CANCELLED", "The node is ending.");
      await Promise.all([...hosts.values()].map((host) => (host.kind === "inline" ? host.runner.close(reason) : host.pool.close())));
    },
  };
}

/** Within one process a message needs no signature of its own: its hash goes into an event, and so under the signed head of the log. */
function localHash(from: string, message: MessageFromAgent): string {
  return `sha256:${sha256Hex(canonicalJson({ from, to: "kCore:main", ...message }))}`;
}

function lostCall(message: MessageToAgent, reason: string): LostCall {
  return { planId: message.plan_id, taskId: message.task_id, leaseToken: message.payload.lease_token, reason };
}
