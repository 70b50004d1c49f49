// The agents this engine can dispatch to: what they offer, in which state they are, how many calls they hold. In memory and synchronous;
// which states outlive a restart is the caller's business.

import type { AgentState } from "@kos/api";
import { KosError } from "@kos/klp";
import type { CapabilityCatalogue, CapabilityShape } from "@kos/plan";
import type { AgentRegistration, AgentStatusEntry } from "../engine-api.ts";
import type { Offer } from "../plan/decide-env.ts";

const HEARTBEAT_MS = 10_000;
const MISSED_HEARTBEATS = 3;

/** States a person or the node put an agent into; they stand above what its heartbeats say. */
const IMPOSED_STATES = ["paused", "quarantined", "terminated"] as const satisfies readonly AgentState[];
export type ImposedState = (typeof IMPOSED_STATES)[number];

export interface AgentRecord {
  readonly registration: AgentRegistration;
  imposed: ImposedState | undefined;
  offline: boolean;
  inFlight: number;
  /** When it last went from idle to busy. */
  busySinceMs: number;
  registeredAtMs: number;
  lastHeartbeatAtMs: number | undefined;
  /** Calls the agent said it holds, with its last heartbeat; undefined when it does not say. */
  calls: ReadonlySet<string> | undefined;
}

export class AgentRegistry implements CapabilityCatalogue {
  readonly #agents = new Map<string, AgentRecord>();
  readonly #offers = new Map<string, { readonly offer: Offer; readonly agents: string[] }>();

  /** Errors: CONFLICT when another agent offers a capability of that name in another version or with another schema. */
  register(registration: AgentRegistration, nowMs: number): void {
    const known = this.#agents.get(registration.id);
    if (known !== undefined) this.#withdraw(registration.id);
    for (const { description, ...refined } of registration.capabilities) {
      const entry = this.#offers.get(description.name);
      if (entry !== undefined && entry.offer.version !== registration.version) {
        throw new KosError(
          "CONFLICT",
          `${description.name} is offered by ${entry.agents.join(", ")} in version ${entry.offer.version}, so not by ${registration.id} in ${registration.version}.`,
        );
      }
      if (entry === undefined)
        this.#offers.set(description.name, {
          offer: { description, version: registration.version, ...refined },
          agents: [registration.id],
        });
      else entry.agents.push(registration.id);
    }
    this.#agents.set(registration.id, {
      registration,
      imposed: known?.imposed,
      offline: false,
      inFlight: known?.inFlight ?? 0,
      busySinceMs: nowMs,
      registeredAtMs: nowMs,
      lastHeartbeatAtMs: undefined,
      calls: undefined,
    });
  }

  #withdraw(agentId: string): void {
    for (const [name, entry] of this.#offers) {
      const place = entry.agents.indexOf(agentId);
      if (place < 0) continue;
      entry.agents.splice(place, 1);
      if (entry.agents.length === 0) this.#offers.delete(name);
    }
  }

  offer(capability: string): Offer | undefined {
    return this.#offers.get(capability)?.offer;
  }

  /** Agents that offer it, usable or not. */
  agentsFor(capability: string): readonly string[] {
    return this.#offers.get(capability)?.agents ?? [];
  }

  get(capability: string): CapabilityShape | undefined {
    const offer = this.#offers.get(capability)?.offer;
    if (offer === undefined) return undefined;
    const { effectsOf } = offer;
    return { ...offer.description, ...(effectsOf && { effectsOf: (params) => effectsOf(params as never) }) };
  }

  keys(): Iterable<string> {
    return this.#offers.keys();
  }

  agent(agentId: string): AgentRecord | undefined {
    return this.#agents.get(agentId);
  }

  agents(): Iterable<AgentRecord> {
    return this.#agents.values();
  }

  heartbeat(agentId: string, nowMs: number, calls: readonly string[] | undefined): void {
    const record = this.#agents.get(agentId);
    if (record === undefined) return;
    record.lastHeartbeatAtMs = nowMs;
    record.offline = false;
    record.calls = calls && new Set(calls);
  }

  /** Marks agents that missed their heartbeats; returns those that just went offline. */
  sweep(nowMs: number): readonly string[] {
    const gone: string[] = [];
    for (const record of this.#agents.values()) {
      const isSilent = Math.abs(nowMs - heardMs(record)) > HEARTBEAT_MS * MISSED_HEARTBEATS;
      // A local agent has no process, and so no heartbeat, while it has nothing to do; one beside the engine never has any.
      const isExcused = record.registration.local && (record.inFlight === 0 || record.lastHeartbeatAtMs === undefined);
      if (isExcused) record.offline = false;
      if (isExcused || record.offline || !isSilent) continue;
      record.offline = true;
      gone.push(record.registration.id);
    }
    return gone;
  }

  /** A call was given to it, or has ended. */
  count(agentId: string, change: 1 | -1, nowMs: number): void {
    const record = this.#agents.get(agentId);
    if (record === undefined) return;
    if (record.inFlight === 0 && change === 1) record.busySinceMs = nowMs;
    record.inFlight = Math.max(0, record.inFlight + change);
  }

  /** Whether the agent can be given work. A local one that is silent gets a fresh process for it. */
  isUsable(record: AgentRecord): boolean {
    return record.imposed === undefined && (record.registration.local || !record.offline);
  }

  /** Whether the agent is there and, as far as it says so, still holds the call. */
  holds(agentId: string, leaseToken: string): boolean {
    const record = this.#agents.get(agentId);
    if (record === undefined || record.offline || record.imposed === "quarantined" || record.imposed === "terminated") return false;
    return record.calls === undefined || record.calls.has(leaseToken);
  }

  stateOf(record: AgentRecord): AgentState {
    if (record.imposed !== undefined) return record.imposed;
    if (record.offline) return "offline";
    return record.inFlight > 0 ? "busy" : "ready";
  }

  status(record: AgentRecord): AgentStatusEntry {
    const { registration } = record;
    return {
      id: registration.id,
      class: registration.class,
      version: registration.version,
      description: registration.description,
      key: registration.key,
      state: this.stateOf(record),
      capabilities: registration.capabilities.map(({ description }) => description.name),
      inFlight: record.inFlight,
      maxTasks: registration.maxTasks,
      lastHeartbeatAtMs: record.lastHeartbeatAtMs,
    };
  }
}

function heardMs(record: AgentRecord): number {
  const heard = record.lastHeartbeatAtMs ?? record.registeredAtMs;
  return record.registration.local ? Math.max(heard, record.busySinceMs) : heard;
}

export function isImposedState(text: unknown): text is ImposedState {
  return (IMPOSED_STATES as readonly unknown[]).includes(text);
}
