// The registry as doors see it: people pause, quarantine and release agents, and what they decided outlives a restart.

import { KosError } from "@kos/klp";
import type { AgentRegistration, Caller, Registry } from "../engine-api.ts";
import { type AgentRecord, type ImposedState, isImposedState } from "../registry/agent-registry.ts";
import type { EngineParts } from "./engine-parts.ts";

export interface AgentControl extends Registry {
  /** States kept from the last run. */
  restore(): Promise<void>;
  /** Agents whose heartbeats have stopped are told of. */
  sweep(): void;
}

/** `changed`: plans that wait may get room, and the world is told. */
export function createAgentControl(parts: EngineParts, changed: () => void): AgentControl {
  const { registry, options } = parts;
  const kept = new Map<string, ImposedState>();

  function recordOf(agentId: string): AgentRecord {
    const record = registry.agent(agentId);
    if (record === undefined) throw new KosError("UNKNOWN_AGENT", `There is no agent ${agentId.slice(0, 80)}. See \`kai agents list\`.`);
    return record;
  }

  function tell(record: AgentRecord, reason?: string): void {
    const { id } = record.registration;
    const message = {
      kind: "agent" as const,
      agent: id,
      state: registry.stateOf(record),
      at: new Date(parts.now()).toISOString(),
      ...(reason !== undefined && { reason }),
    };
    options.bus.publish(`agent:${id}`, message);
    options.bus.publish("agents", message);
    changed();
  }

  async function impose(agentId: string, state: ImposedState | undefined, by: string, reason?: string): Promise<void> {
    const record = recordOf(agentId);
    if (record.imposed === "quarantined" && state !== undefined && state !== "quarantined") {
      throw new KosError("QUARANTINED", `${agentId} is in quarantine; a person has to release it first.`);
    }
    const sql = state === undefined ? "DELETE FROM agent_state WHERE agent_id = ?" : UPSERT;
    const parameters = state === undefined ? [agentId] : [agentId, state, reason ?? null, by, parts.now()];
    await options.tables.write([{ sql, parameters }]);
    record.imposed = state;
    tell(record, reason);
  }

  function refuseQuarantined(agentId: string): void {
    if (recordOf(agentId).imposed === "quarantined")
      throw new KosError("QUARANTINED", `${agentId} is in quarantine; a person has to release it.`);
  }

  return {
    async restore() {
      const rows = await options.tables.read<{ agent_id: string; state: string }>((query) =>
        query.selectFrom("agent_state").select(["agent_id", "state"]),
      );
      for (const { agent_id: agentId, state } of rows) if (isImposedState(state)) kept.set(agentId, state);
    },
    sweep() {
      for (const agentId of registry.sweep(parts.now())) tell(recordOf(agentId), "no heartbeat");
    },
    register(registration: AgentRegistration) {
      registry.register(registration, parts.now());
      const record = recordOf(registration.id);
      record.imposed ??= kept.get(registration.id);
      tell(record);
    },
    heartbeat(agentId, calls) {
      const record = registry.agent(agentId);
      const wasOffline = record?.offline === true;
      registry.heartbeat(agentId, parts.now(), calls);
      if (record !== undefined && wasOffline) tell(record);
    },
    pause: (agentId, by) => impose(agentId, "paused", by),
    async resume(agentId, by) {
      refuseQuarantined(agentId);
      if (recordOf(agentId).imposed !== "paused") throw new KosError("CONFLICT", `${agentId} is not paused.`);
      await impose(agentId, undefined, by);
    },
    terminate: (agentId, by) => impose(agentId, "terminated", by),
    async restart(agentId, by) {
      refuseQuarantined(agentId);
      await impose(agentId, undefined, by);
    },
    quarantine: (agentId, by, reason) => impose(agentId, "quarantined", by, reason),
    async release(agentId: string, caller: Caller) {
      if (caller.kind !== "person") throw new KosError("FORBIDDEN", "Only a person releases an agent from quarantine.");
      if (recordOf(agentId).imposed !== "quarantined") throw new KosError("CONFLICT", `${agentId} is not in quarantine.`);
      await impose(agentId, undefined, caller.id);
    },
    list: () => [...registry.agents()].map((record) => registry.status(record)),
    get(agentId) {
      const record = registry.agent(agentId);
      return record && registry.status(record);
    },
    capability(name) {
      const offer = registry.offer(name);
      return offer && { description: offer.description, version: offer.version, agents: registry.agentsFor(name) };
    },
    capabilities() {
      return [...registry.keys()].flatMap((name) => {
        const offer = registry.offer(name);
        const [agentId] = registry.agentsFor(name);
        return offer === undefined || agentId === undefined ? [] : [{ description: offer.description, version: offer.version, agentId }];
      });
    },
  };
}

const UPSERT =
  "INSERT INTO agent_state (agent_id, state, reason, set_by, set_at) VALUES (?, ?, ?, ?, ?) " +
  "ON CONFLICT (agent_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at";
