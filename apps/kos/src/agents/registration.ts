// An agent as the engine's registry takes it.

import type { Agent } from "@kos/agent";
import type { AgentRegistration } from "@kos/kcore";

export function registrationOf(agent: Agent, key: string): AgentRegistration {
  return {
    id: agent.id,
    class: agent.class,
    version: agent.version,
    description: agent.description,
    key,
    maxTasks: agent.limits.max_tasks,
    local: true,
    capabilities: [...agent.capabilities.values()].map(({ description, isIdempotent, effectsOf }) => ({
      description,
      ...(isIdempotent && { isIdempotent }),
      ...(effectsOf && { effectsOf }),
    })),
  };
}
