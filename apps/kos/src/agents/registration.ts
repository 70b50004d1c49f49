// An agent as the engine's registry takes it, within the bounds that the owner set.

import type { Capability } from "@kos/agent";
import type { AgentRegistration } from "@kos/kcore";
import type { HostedAgent } from "./agent-host.ts";
import { type AgentBounds, agentSettings, longestRunMs } from "./agent-settings.ts";

export function registrationOf({ agent, hosting }: HostedAgent, key: string, bounds: AgentBounds): AgentRegistration {
  const slots = hosting.kind === "processes" ? hosting.size * hosting.slots : agent.limits.max_tasks;
  return {
    id: agent.id,
    class: agent.class,
    version: agent.version,
    description: agent.description,
    key,
    maxTasks: Math.min(slots, agentSettings(bounds, agent.id).max_tasks ?? slots),
    local: true,
    capabilities: [...agent.capabilities.values()].map((capability) => offerOf(agent.id, capability, bounds)),
  };
}

function offerOf(
  agentId: string,
  { description, isIdempotent, idempotentForMs, effectsOf }: Capability,
  bounds: AgentBounds,
): AgentRegistration["capabilities"][number] {
  const { max_concurrent = description.max_concurrent } = bounds.limits.capabilities[description.name] ?? {};
  const maxTimeoutMs = longestRunMs(bounds, agentId, description.name);
  return {
    description: { ...description, max_concurrent },
    ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
    ...(isIdempotent && { isIdempotent }),
    ...(idempotentForMs && { idempotentForMs }),
    ...(effectsOf && { effectsOf }),
  };
}
