// What one call counts for when plans are compared: what it declares, how long it may take, what it touches. Whole numbers, as data.

import type { CapabilityShape } from "@kos/plan";

/** One unit of a capability's declared cost. */
const UNIT = 10;

/** By the bound of one attempt: how long a call may take is the only thing known of how long it takes. */
const TIME_CLASSES = [
  { upToMs: 10_000, cost: 1 },
  { upToMs: 60_000, cost: 2 },
  { upToMs: 600_000, cost: 4 },
  { upToMs: 3_600_000, cost: 8 },
  { upToMs: Number.POSITIVE_INFINITY, cost: 16 },
] as const;

/** Fewer effects are better; those that leave this machine, run programs or change something count most. */
const EFFECT_COSTS: Readonly<Record<string, number>> = {
  "fs.read": 2,
  "memory.read": 2,
  "vault.read": 10,
  "net.read": 10,
  model: 20,
  "fs.write": 20,
  "memory.write": 20,
  "net.write": 40,
  exec: 40,
  human: 40,
};
/** An effect this table does not know is taken for one of the worst. */
const UNKNOWN_EFFECT = 40;

export function callCost(capability: CapabilityShape): number {
  const time = TIME_CLASSES.find(({ upToMs }) => capability.timeout_ms <= upToMs)?.cost ?? 0;
  const effects = [...new Set(capability.effects)].reduce((sum, effect) => sum + (EFFECT_COSTS[effect] ?? UNKNOWN_EFFECT), 0);
  return Math.round(Math.max(0, capability.cost) * UNIT) + time + effects;
}

/** A file whose name does not look like what the capability is made for: it may be given it, but anything that is made for it comes first. */
const UNLIKELY_FILE = 50;

/** `value`: what is given for a member. What its schema says in `x-kos-files` are endings of names, `html`; a name without one says nothing. */
export function fileCost(schema: Readonly<Record<string, unknown>>, value: unknown): number {
  const kinds = schema["x-kos-files"];
  if (!Array.isArray(kinds) || typeof value !== "string") return 0;
  const name = value.slice(Math.max(value.lastIndexOf("/"), value.lastIndexOf("\\")) + 1).toLowerCase();
  if (!name.slice(1).includes(".")) return 0;
  return kinds.some((kind) => typeof kind === "string" && name.endsWith(`.${kind}`)) ? 0 : UNLIKELY_FILE;
}
