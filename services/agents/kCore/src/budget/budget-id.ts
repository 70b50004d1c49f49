// The id of a plan's budget, which has a stream of its own: derived, so that it is found from the plan alone.

import { sha256Hex } from "@kos/klp";

/** A UUIDv8 (RFC 9562) from the plan's id. */
export function budgetIdOf(planId: string): string {
  const hex = sha256Hex(`kos-budget/1\u0000${planId}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
