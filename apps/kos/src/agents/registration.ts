// An agent as the engine's registry takes it.

import type { AgentRegistration } from "@kos/kcore";
import type { HostedAgent } from "./agent-host.ts";

export function registrationOf({ agent, hosting }: HostedAgent, key: string): AgentRegistration {
  return {
    id: agent.id,
    class: agent.class,
    version: agent.version,
    description: agent.description,
    key,
    maxTasks: hosting.kind === "processes" ? hosting.size * hosting.slots : agent.limits.max_tasks,
    local: true,
    capabilities: [...agent.capabilities.values()].map(({ description, isIdempotent, idempotentForMs, effectsOf }) => ({
      description,
      ...(isIdempotent && { isIdempotent }),
      ...(idempotentForMs && { idempotentForMs }),
      ...(effectsOf && { effectsOf }),
    })),
  };
}
