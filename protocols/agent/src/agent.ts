// An agent definition: a class, a name and its capabilities, from which the manifest is derived.

import type { Effect, Capability, CapabilityDescription } from "./capability.ts";

export const AGENT_CLASSES = ["kCore", "kPlanner", "kExecutor", "kReviewer", "kSentinel", "kMemory", "kPersona", "kBridge"] as const;
export type AgentClass = (typeof AGENT_CLASSES)[number];

export interface AgentLimits {
  readonly max_tasks: number;
  readonly timeout_ms: number;
  readonly memory_mb: number;
  readonly messages_per_s: number;
}

export interface AgentOptions {
  readonly class: AgentClass;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  // biome-ignore lint: capabilities of different types share one list; each is typed by its own schemas where it is defined.
  readonly capabilities: readonly Capability<never, unknown>[];
  readonly limits?: Partial<AgentLimits>;
}

export interface Agent {
  /** Role address, `kExecutor:files`. */
  readonly id: string;
  readonly class: AgentClass;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly limits: AgentLimits;
  readonly capabilities: ReadonlyMap<string, Capability>;
}

/** The unsigned part of manifest.json; the node adds id, key, times and signature. */
export interface ManifestDraft {
  readonly class: AgentClass;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly CapabilityDescription[];
  /** The union of the capabilities' effects. */
  readonly permissions: readonly Effect[];
  readonly limits: AgentLimits;
  readonly secrets: readonly string[];
  readonly interfaces: readonly string[];
  readonly health: { readonly interval_ms: number };
}

const DEFAULT_LIMITS: AgentLimits = { max_tasks: 16, timeout_ms: 3_600_000, memory_mb: 1024, messages_per_s: 200 };
const HEARTBEAT_MS = 10_000;

/** Errors: BAD_REQUEST for a bad name, a repeated capability or an invalid schema (checked in `agent.test.ts`). */
export function defineAgent(options: AgentOptions): Agent {
  const capabilities = new Map<string, Capability>();
  for (const capability of options.capabilities) {
    capabilities.set(capability.description.name, capability as unknown as Capability);
  }
  return {
    id: `${options.class}:${options.name}`,
    class: options.class,
    name: options.name,
    version: options.version,
    description: options.description,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    capabilities,
  };
}

/** The manifest without identity: what the agent says of itself. */
export function draftManifest(agent: Agent): ManifestDraft {
  const capabilities = [...agent.capabilities.values()].map((capability) => capability.description);
  return {
    class: agent.class,
    name: agent.name,
    version: agent.version,
    description: agent.description,
    capabilities,
    permissions: [...new Set(capabilities.flatMap((capability) => capability.effects))].sort(),
    limits: agent.limits,
    secrets: [],
    interfaces: ["klp/1.0"],
    health: { interval_ms: HEARTBEAT_MS },
  };
}
