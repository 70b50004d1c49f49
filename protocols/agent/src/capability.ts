// A capability: what an agent can do, its schemas and promises, and the function that does it.

import type { MANIFEST_EFFECTS } from "@kos/klp";
import type { Label } from "@kos/plan";
import type { Static, TSchema } from "typebox";
import type { CapabilityContext } from "./context.ts";

/** What a capability touches outside its own computation. No effect means: the same input gives the same output. */
export type Effect = (typeof MANIFEST_EFFECTS)[number];

/** What the other side says about a call whose outcome was lost. */
export type Reconciliation = { readonly outcome: "succeeded"; readonly output: unknown } | { readonly outcome: "not_done" | "unknown" };

/**
 * kCore asks what became of an interrupted call by the capability's name with this suffix; the answer is a `Reconciliation`. An agent that
 * does not know it answers UNKNOWN_CAPABILITY and the call stays in doubt; it can never be run again by mistake.
 */
export const RECONCILE_SUFFIX = "#reconcile";

/**
 * Where a capability runs. `worker`: in a child process, the rule. `inline`: beside the engine, only for waiting and mapping.
 * `engine`: the engine itself carries it out as a state (timers, questions to a person).
 */
export type Placement = "worker" | "inline" | "engine";

export interface RetryDefaults {
  readonly max_attempts: number;
  readonly backoff_ms: number;
  readonly max_backoff_ms: number;
}

/** The serialisable part: what the manifest, the registry, the planner and the console see. */
export interface CapabilityDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema 2020-12; properties may carry `x-kos-sink: control | content` and `x-kos-type`. */
  readonly input: TSchema;
  readonly output: TSchema;
  /** The most effects any call can have. */
  readonly effects: readonly Effect[];
  /** True when running it again with the same input does no harm. Where it depends on the call, false here and `isIdempotent` decides. */
  readonly idempotent: boolean;
  /** True when `reconcile` can ask the other side what happened to an interrupted call. */
  readonly reconcile: boolean;
  readonly timeout_ms: number;
  readonly retry: RetryDefaults;
  /** Budget units one call takes at most. Default 1. */
  readonly cost: number;
  readonly placement: Placement;
  /** Labels that every output of this capability carries besides those of its inputs. */
  readonly output_labels: readonly Label[];
  /** Calls in flight at once on one node; 0 means no bound. */
  readonly max_concurrent: number;
}

export interface Capability<Input = unknown, Output = unknown> {
  readonly description: CapabilityDescription;
  /** Refines `idempotent` for one call; must be pure and quick. */
  readonly isIdempotent?: (params: Input) => boolean;
  /**
   * For how long, from the first effect of a generation on, the other side recognises a repetition of this call, in milliseconds; undefined:
   * for ever. Only asked where the call is idempotent, and only heeded where it awaits `beginEffect`. Must be pure and quick.
   */
  readonly idempotentForMs?: (params: Input) => number | undefined;
  /** Refines `effects` for one call; must be pure and quick. */
  readonly effectsOf?: (params: Input) => readonly Effect[];
  readonly run: (params: Input, context: CapabilityContext) => Promise<Output>;
  readonly reconcileCall?: (params: Input, context: CapabilityContext) => Promise<Reconciliation>;
}

/** What the author of a capability writes; the rest has defaults. */
export interface CapabilityOptions<Input extends TSchema, Output extends TSchema> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly effects?: readonly Effect[];
  readonly idempotent?: boolean;
  readonly timeout_ms?: number;
  readonly retry?: Partial<RetryDefaults>;
  readonly cost?: number;
  readonly placement?: Placement;
  readonly output_labels?: readonly Label[];
  readonly max_concurrent?: number;
  readonly isIdempotent?: (params: Static<Input>) => boolean;
  readonly idempotentForMs?: (params: Static<Input>) => number | undefined;
  readonly effectsOf?: (params: Static<Input>) => readonly Effect[];
  run(params: Static<Input>, context: CapabilityContext): Promise<Static<Output>>;
  /**
   * Asks the other side what became of a call with these params and this idempotency key, and changes nothing there. `not_done`: the call is
   * run again. `unknown`, an error and an output that the schema refuses leave it in doubt, for a person.
   */
  reconcile?(params: Static<Input>, context: CapabilityContext): Promise<Reconciliation>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_RETRY: RetryDefaults = { max_attempts: 3, backoff_ms: 500, max_backoff_ms: 30_000 };
/** Effects that change something outside: a call with one of them is not idempotent unless its author says so. */
const WRITING_EFFECTS: readonly Effect[] = ["net.write", "fs.write", "exec", "memory.write", "human"];

/** Fills in the defaults. The result is typed by its schemas; a list of them goes to `defineAgent`. */
export function defineCapability<Input extends TSchema, Output extends TSchema>(
  options: CapabilityOptions<Input, Output>,
): Capability<Static<Input>, Static<Output>> {
  const effects = options.effects ?? [];
  return {
    description: {
      name: options.name,
      title: options.title,
      description: options.description,
      input: options.input,
      output: options.output,
      effects,
      idempotent: options.idempotent ?? !effects.some((effect) => WRITING_EFFECTS.includes(effect)),
      reconcile: options.reconcile !== undefined,
      timeout_ms: options.timeout_ms ?? DEFAULT_TIMEOUT_MS,
      retry: { ...DEFAULT_RETRY, ...options.retry },
      cost: options.cost ?? 1,
      placement: options.placement ?? "worker",
      output_labels: options.output_labels ?? [],
      max_concurrent: options.max_concurrent ?? 0,
    },
    ...(options.isIdempotent && { isIdempotent: options.isIdempotent }),
    ...(options.idempotentForMs && { idempotentForMs: options.idempotentForMs }),
    ...(options.effectsOf && { effectsOf: options.effectsOf }),
    run: (params, context) => options.run(params, context),
    ...(options.reconcile && { reconcileCall: options.reconcile.bind(options) }),
  };
}
