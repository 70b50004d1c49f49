// Hosts the node's own agents: those that only wait or map beside the engine, all others in child processes. It is the engine's transport.

import {
  type Agent,
  type AgentRunner,
  type ArtifactSink,
  type CallAddress,
  createAgentRunner,
  type MessageFromAgent,
  type MessageToAgent,
  type RequestType,
  type TaskLogger,
} from "@kos/agent";
import type { Clock, LostCall, Transport } from "@kos/kcore";
import { canonicalJson, fromWireError, KosError, randomBytes, sha256Hex } from "@kos/klp";
import { createTraceparent, formatTraceparent } from "@kos/telemetry";
import { createWorkerPool, type WorkerConnection, type WorkerEvents, type WorkerPool } from "@kos/workers";

/** One agent and how it lives. */
export interface HostedAgent {
  readonly agent: Agent;
  readonly hosting:
    | { readonly kind: "inline" }
    | {
        readonly kind: "processes";
        readonly size: number;
        /** Calls in one process at once; the engine gives out no more. */
        readonly slots: number;
        /** A process serves only calls with the file roots it was started with. */
        readonly perRoots: boolean;
        readonly start: (events: WorkerEvents, fsRoots: readonly string[]) => WorkerConnection;
      };
}

export interface AgentHostOptions {
  readonly agents: readonly HostedAgent[];
  readonly clock: Clock;
  readonly idleMs: number;
  readonly graceMs: number;
  readonly silentMs: number;
  readonly proveMs: number;
  readonly artifacts: (call: CallAddress) => ArtifactSink;
  readonly log: (call: CallAddress) => TaskLogger;
  readonly within: <T>(call: CallAddress, work: () => Promise<T>) => Promise<T>;
  readonly onMessage: (agentId: string, message: MessageFromAgent, evidence: { readonly envelopeHash: string }) => void;
  readonly onHeartbeat: (agentId: string, calls: readonly string[]) => void;
  readonly onLost: (calls: readonly LostCall[]) => void;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** A question of the node itself to one of its agents, outside any plan. */
interface Question {
  readonly type: RequestType;
  readonly agentId: string;
  readonly capability: string;
  readonly params: unknown;
  readonly traceId: string;
  readonly timeoutMs: number;
}

export interface AgentHost extends Transport {
  /** The output of one call. Errors: what the agent answers, TIMEOUT, UNAVAILABLE (its process died). */
  ask(question: Question): Promise<unknown>;
  /** Processes alive for this agent; 0 for one beside the engine. */
  processes(agentId: string): number;
  /** Kills the agent's processes; what they held is reported lost. */
  restart(agentId: string): void;
  close(): Promise<void>;
}

type Host = { readonly kind: "inline"; readonly runner: AgentRunner } | { readonly kind: "processes"; readonly pool: WorkerPool };

export function createAgentHost(options: AgentHostOptions): AgentHost {
  const questions = new Map<string, { resolve(output: unknown): void; reject(error: KosError): void }>();
  const hosts = new Map<string, Host>(options.agents.map((hosted) => [hosted.agent.id, hostFor(hosted)]));

  function hostFor({ agent, hosting }: HostedAgent): Host {
    if (hosting.kind === "inline") {
      const runner = createAgentRunner({
        agent,
        artifacts: options.artifacts,
        log: options.log,
        now: options.clock.now,
        within: options.within,
        send: (message) => deliver(agent.id, message, { envelopeHash: localHash(agent.id, message) }),
      });
      return { kind: "inline", runner };
    }
    const pool = createWorkerPool({
      size: hosting.size,
      silentMs: options.silentMs,
      proveMs: options.proveMs,
      now: options.clock.now,
      idleMs: options.idleMs,
      graceMs: options.graceMs,
      perRoots: hosting.perRoots,
      start: hosting.start,
      onLost,
      onHeartbeat: (calls) => options.onHeartbeat(agent.id, calls),
      onMessage: (message, evidence) => deliver(agent.id, message, evidence),
      after: options.clock.after,
    });
    return { kind: "processes", pool };
  }

  function deliver(agentId: string, message: MessageFromAgent, evidence: { readonly envelopeHash: string }): void {
    const question = questions.get(message.payload.lease_token);
    if (!question) return options.onMessage(agentId, message, evidence);
    if ("output" in message.payload) question.resolve(message.payload.output);
    else if ("error" in message.payload) question.reject(fromWireError(message.payload.error));
  }

  function onLost(calls: readonly LostCall[]): void {
    const ofEngine = calls.filter(({ leaseToken, reason }) => {
      const question = questions.get(leaseToken);
      question?.reject(new KosError("UNAVAILABLE", `The agent did not answer: ${reason}. Try again.`));
      return question === undefined;
    });
    if (ofEngine.length > 0) options.onLost(ofEngine);
  }

  function send(agentId: string, message: MessageToAgent): void {
    const host = hosts.get(agentId);
    if (!host) return onLost([lostCall(message, `there is no agent ${agentId} on this node`)]);
    if (host.kind === "inline") host.runner.handle(message);
    else host.pool.send(message);
  }

  return {
    send,
    async ask({ type, agentId, capability, params, traceId, timeoutMs }) {
      const lease_token = options.newId();
      const answer = Promise.withResolvers<unknown>();
      questions.set(lease_token, answer);
      const address = {
        plan_id: lease_token,
        task_id: "ask",
        trace: formatTraceparent(createTraceparent(randomBytes, { traceId, spanId: "", isSampled: true })),
      };
      const stop = options.clock.after(timeoutMs, () => {
        answer.reject(new KosError("TIMEOUT", `${agentId} did not answer within ${timeoutMs} ms.`));
        send(agentId, { type: "TASK_CANCEL", ...address, payload: { attempt: 1, lease_token, reason: "it took too long" } });
      });
      const call = {
        attempt: 1,
        lease_token,
        generation: 1,
        timeout_ms: timeoutMs,
        idempotency_key: lease_token,
        fs_roots: [],
        labels: [],
      };
      send(agentId, { type, ...address, payload: { ...call, capability, params } });
      try {
        return await answer.promise;
      } finally {
        stop();
        questions.delete(lease_token);
      }
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
