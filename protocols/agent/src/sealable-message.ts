// Keeps what cannot be sealed from reaching the link, where it would end the process: an output is refused, words that only accompany are mended.

import { isKosError, KosError, requireSealable, type WireError } from "@kos/klp";
import type { Progress } from "./context.ts";

/** Errors: BAD_REQUEST with the place, not to be tried again: the same work would give the same. */
export function refuseUnsealable(value: unknown, what: string): void {
  try {
    requireSealable(value);
  } catch (cause) {
    const reason = isKosError(cause) ? cause.message : "It is not JSON.";
    throw new KosError("BAD_REQUEST", `The ${what} cannot be sent. ${reason}`, { cause, retryable: false });
  }
}

/** Lone surrogates become U+FFFD; details that are no JSON are left out. */
export function sealableError(error: WireError): WireError {
  if (isSealable(error)) return error;
  const { details, ...words } = error;
  return { ...words, message: words.message.toWellFormed(), ...(details !== undefined && isSealable(details) && { details }) };
}

/** Lone surrogates become U+FFFD; numbers that are no numbers are left out. */
export function sealableProgress(progress: Progress): Progress {
  if (isSealable(progress)) return progress;
  const { message, ...numbers } = progress;
  const finite = Object.entries(numbers).filter(([, value]) => isSealable(value));
  return { ...Object.fromEntries(finite), ...(message !== undefined && { message: message.toWellFormed() }) };
}

function isSealable(value: unknown): boolean {
  try {
    requireSealable(value);
    return true;
  } catch {
    return false;
  }
}
