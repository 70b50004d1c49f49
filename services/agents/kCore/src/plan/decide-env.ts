// What a decision may know beside the state: the time, fresh ids, chance, what capabilities say of themselves. Given by the shell.

import type { CapabilityDescription, Effect } from "@kos/agent";
import { KosError, type WireError } from "@kos/klp";
import type { FlowPolicy } from "@kos/plan";
import type { PlanEvent, PlanEventPayloads, PlanEventType } from "./plan-event.ts";
import type { PlanState } from "./plan-state.ts";

/** A capability on offer. The functions are pure. */
export interface Offer {
  readonly description: CapabilityDescription;
  readonly version: string;
  readonly maxTimeoutMs?: number | undefined;
  readonly isIdempotent?: ((params: never) => boolean) | undefined;
  readonly idempotentForMs?: ((params: never) => number | undefined) | undefined;
  readonly effectsOf?: ((params: never) => readonly Effect[]) | undefined;
}

export interface DecideEnv {
  readonly nowMs: number;
  readonly newId: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly offer: (capability: string) => Offer | undefined;
  readonly policy: FlowPolicy;
  /** Most tasks of one plan, with those that are added to it. */
  readonly planTasks: number;
  readonly leaseMs: number;
  readonly cancelGraceMs: number;
}

/** Who gives a command. */
export interface Actor {
  readonly id: string;
  readonly kind: "person" | "agent" | "system";
}

export function event<Type extends PlanEventType>(type: Type, payload: PlanEventPayloads[Type]): PlanEvent {
  return { type, payload } as PlanEvent;
}

/** A refusal that says what state the plan is in. */
export function conflict(state: PlanState, message: string, details?: Readonly<Record<string, unknown>>): KosError {
  return new KosError("CONFLICT", message, { planId: state.planId, ...(details && { details }) });
}

export function notFound(state: PlanState, what: string): KosError {
  return new KosError("NOT_FOUND", `Plan ${state.planId} has no ${what}.`, { planId: state.planId });
}

/** Decisions, answers and resolutions are a person's; what an agent says of them is worth nothing ([R100]). */
export function refuseUnlessPerson(actor: Actor, what: string): void {
  if (actor.kind !== "person") throw new KosError("FORBIDDEN", `Only a person can ${what}; ${actor.id} is not one.`);
}

export function wireError(code: WireError["code"], message: string, details?: Readonly<Record<string, unknown>>): WireError {
  return { code, message, retryable: false, ...(details && { details }) };
}
