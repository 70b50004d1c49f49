// An agent definition: a class, a name and its capabilities, from which the manifest is derived.

import { KosError } from "@kos/klp";
import { IsSchema } from "typebox";
import type { Capability, CapabilityDescription, Effect } from "./capability.ts";

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
  /** Of different types in one list; each is typed by its own schemas where it is defined. */
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

const AGENT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const CAPABILITY_NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** Errors: BAD_REQUEST for a bad name, a repeated capability or a schema that is not one. */
export function defineAgent(options: AgentOptions): Agent {
  if (!AGENT_NAME.test(options.name))
    throw new KosError("BAD_REQUEST", `"${options.name}" is no name for an agent: letters, digits, dot, dash.`);
  const capabilities = new Map<string, Capability>();
  for (const capability of options.capabilities) {
    const { name, input, output } = capability.description;
    if (!CAPABILITY_NAME.test(name)) throw new KosError("BAD_REQUEST", `"${name}" is no name for a capability. Write it like web.fetch.`);
    if (capabilities.has(name)) throw new KosError("BAD_REQUEST", `${options.class}:${options.name} defines ${name} twice.`);
    if (!IsSchema(input) || !IsSchema(output)) throw new KosError("BAD_REQUEST", `The input and output of ${name} are JSON Schemas.`);
    capabilities.set(name, capability as unknown as Capability);
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
