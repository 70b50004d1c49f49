// The time limits of one exchange: an overall deadline, one limit for the phase it is in, and the caller's own signal.

import { KosError } from "@kos/klp";
import { timedOut } from "./egress-error.ts";
import type { Network } from "./network.ts";

export interface Watchdog extends Disposable {
  /** Aborts with the KosError that says why: TIMEOUT or CANCELLED. */
  readonly signal: AbortSignal;
  /** Ends the limit of the phase before and starts one for this phase. Calling it again with the same phase starts it anew. */
  enter(phase: string, limitMs: number, host: string): void;
  /** Ends the limit of the phase; the deadline still holds. */
  leave(): void;
  /** The promise's outcome, or the reason of the abort, whichever is first. For work that takes no signal itself. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** Dispose of it when the exchange is over, so that no timer is left. */
export function createWatchdog(network: Network, overallMs: number, host: string, caller: AbortSignal): Watchdog {
  const controller = new AbortController();
  const { signal } = controller;
  let cancelPhase = () => {};
  const cancelOverall = network.after(overallMs, () => controller.abort(timedOut("the whole request", overallMs, host)));
  const onCallerAbort = () => controller.abort(cancelled(caller.reason));
  if (caller.aborted) onCallerAbort();
  else caller.addEventListener("abort", onCallerAbort, { once: true });
  return {
    signal,
    enter(phase, limitMs, phaseHost) {
      cancelPhase();
      cancelPhase = network.after(limitMs, () => controller.abort(timedOut(phase, limitMs, phaseHost)));
    },
    leave() {
      cancelPhase();
    },
    async race(work) {
      signal.throwIfAborted();
      const { promise, reject } = Promise.withResolvers<never>();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        const outcome = await Promise.race([work, promise]);
        signal.throwIfAborted();
        return outcome;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    [Symbol.dispose]() {
      cancelPhase();
      cancelOverall();
      caller.removeEventListener("abort", onCallerAbort);
    },
  };
}

function cancelled(cause: unknown): KosError {
  return new KosError("CANCELLED", "The request was cancelled.", { cause });
}
