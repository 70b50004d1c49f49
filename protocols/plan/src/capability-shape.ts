// What the plan check needs to know of a capability. Structural, so that `CapabilityDescription` of @kos/agent fits without an import.

import type { Label } from "./label.ts";

export interface CapabilityShape {
  readonly name: string;
  /** A few plain words, for people. */
  readonly title?: string;
  /** JSON Schema 2020-12; places may carry `x-kos-sink: control | content`, and `x-kos-type`. */
  readonly input: unknown;
  readonly output: unknown;
  /** The most effects any call can have. */
  readonly effects: readonly string[];
  readonly idempotent: boolean;
  readonly timeout_ms: number;
  readonly retry: { readonly max_attempts: number };
  /** Budget units one call takes at most. */
  readonly cost: number;
  readonly output_labels: readonly Label[];
  /** `engine`: it only waits, for a time or a person. */
  readonly placement?: "worker" | "inline" | "engine";
  /**
   * Refines `effects` for one call. It is given params in which references are not yet filled in, and its answer counts only when
   * nothing it read held a reference.
   */
  readonly effectsOf?: (params: Readonly<Record<string, unknown>>) => readonly string[];
}

/** Every capability that can be called, by name. A Map is one. */
export interface CapabilityCatalogue {
  get(name: string): CapabilityShape | undefined;
  keys(): Iterable<string>;
}
