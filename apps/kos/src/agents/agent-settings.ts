// What the owner's configuration says of agents and capabilities: `agents.<kClass>.<name>` and `limits.capabilities`.

import type { KosConfig } from "@kos/config";
import type { HostedAgent } from "./agent-host.ts";
import { WORKER_AGENT_IDS } from "./load-agent.ts";

/** The part of the configuration that bounds agents. */
export interface AgentBounds {
  readonly agents: KosConfig["agents"];
  readonly limits: Pick<KosConfig["limits"], "capabilities">;
}

type ClassName = keyof KosConfig["agents"];
type AgentSettings = NonNullable<KosConfig["agents"][ClassName]>[string];

/** `agents.<kClass>.<name>`; empty where nothing is set. */
export function agentSettings({ agents }: AgentBounds, id: string): AgentSettings {
  const [agentClass = "", name = ""] = id.split(":");
  return Object.entries(agents).find(([key]) => key === agentClass)?.[1]?.[name] ?? {};
}

/** The most that one attempt of this capability may take, in milliseconds: the smaller of its own bound and its agent's. */
export function longestRunMs(config: AgentBounds, agentId: string, capability: string): number | undefined {
  const bounds = [agentSettings(config, agentId).timeout_ms, config.limits.capabilities[capability]?.timeout_ms];
  const set = bounds.filter((bound) => bound !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

/** Key paths that are set and change nothing: agents and capabilities that this node does not have, and secrets, for there is no vault. */
export function idleSettings({ agents, limits }: AgentBounds, running: readonly HostedAgent[]): readonly string[] {
  const ids = new Set([...running.map(({ agent }) => agent.id), ...WORKER_AGENT_IDS]);
  const capabilities = new Set(running.flatMap(({ agent }) => [...agent.capabilities.keys()]));
  const ofAgents = Object.entries(agents).flatMap(([agentClass, byName]) =>
    Object.entries(byName ?? {}).flatMap(([name, { secrets }]) => {
      if (!ids.has(`${agentClass}:${name}`)) return [`agents.${agentClass}.${name}`];
      return secrets === undefined ? [] : [`agents.${agentClass}.${name}.secrets`];
    }),
  );
  const ofCapabilities = Object.keys(limits.capabilities).filter((name) => !capabilities.has(name));
  return [...ofAgents, ...ofCapabilities.map((name) => `limits.capabilities["${name}"]`)];
}
