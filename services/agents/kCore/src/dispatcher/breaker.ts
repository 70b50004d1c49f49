// A circuit breaker per capability: after failures in a row nothing is sent to it for a while, then one call probes ([R118]).

export interface BreakerLimits {
  readonly breakerThreshold: number;
  readonly breakerOpenMs: number;
}

interface Circuit {
  failures: number;
  openUntilMs: number;
  probing: boolean;
}

export class Breaker {
  readonly #limits: BreakerLimits;
  readonly #circuits = new Map<string, Circuit>();

  constructor(limits: BreakerLimits) {
    this.#limits = limits;
  }

  /** Whether a call may be sent now. */
  allows(capability: string, nowMs: number): boolean {
    const circuit = this.#circuits.get(capability);
    if (circuit === undefined || circuit.failures < this.#limits.breakerThreshold) return true;
    return nowMs >= circuit.openUntilMs && !circuit.probing;
  }

  /** A call was sent. */
  sent(capability: string): void {
    const circuit = this.#circuits.get(capability);
    if (circuit !== undefined && circuit.failures >= this.#limits.breakerThreshold) circuit.probing = true;
  }

  /** How a call ended. `neutral` says nothing about the capability: cancelled, refused for its params. True when the circuit opened. */
  ended(capability: string, outcome: "ok" | "failed" | "neutral", nowMs: number): boolean {
    const circuit = this.#circuits.get(capability);
    if (circuit !== undefined) circuit.probing = false;
    if (outcome === "ok") this.#circuits.delete(capability);
    if (outcome !== "failed") return false;
    const failing = circuit ?? { failures: 0, openUntilMs: 0, probing: false };
    failing.failures++;
    this.#circuits.set(capability, failing);
    if (failing.failures < this.#limits.breakerThreshold) return false;
    failing.openUntilMs = nowMs + this.#limits.breakerOpenMs;
    return true;
  }

  /** When an open circuit lets its probe through; undefined when none is open. */
  nextProbeMs(): number | undefined {
    let next: number | undefined;
    for (const { failures, openUntilMs, probing } of this.#circuits.values()) {
      if (failures < this.#limits.breakerThreshold || probing) continue;
      if (next === undefined || openUntilMs < next) next = openUntilMs;
    }
    return next;
  }
}
