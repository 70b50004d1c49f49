// The errors of this agent's capabilities: each names the place in the params and says what to do. It must not decide by message text.

import { isKosError, KosError } from "@kos/klp";

/** BAD_REQUEST for a param. `at` is a JSON pointer into the params. */
export function badParam(at: string, message: string, hint: string, details: Readonly<Record<string, unknown>> = {}): KosError {
  return new KosError("BAD_REQUEST", `${message} ${hint}`, { details: { at, hint, ...details } });
}

export function notFound(at: string, message: string, hint: string): KosError {
  return new KosError("NOT_FOUND", `${message} ${hint}`, { details: { at, hint } });
}

export function tooLarge(at: string, message: string, hint: string, details: Readonly<Record<string, unknown>> = {}): KosError {
  return new KosError("TOO_LARGE", `${message} ${hint}`, { details: { at, hint, ...details } });
}

/** Throws when the call was cancelled or timed out: the abort reason if it is a KosError, else CANCELLED. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  if (isKosError(signal.reason)) throw signal.reason;
  throw new KosError("CANCELLED", "The task was cancelled before it finished. Start it again if it is still wanted.", {
    cause: signal.reason,
  });
}

/** The system's code of a failed call (`ENOENT`), or an empty text for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
