// A request that kai itself can tell to be wrong, before any node is asked.

import { KosError } from "@kos/klp";
import { nearestName } from "@kos/plan";

export function usageError(
  message: string,
  place: { readonly hint?: string; readonly place?: string; readonly cause?: unknown } = {},
): KosError {
  const details = { ...(place.place !== undefined && { place: place.place }), ...(place.hint !== undefined && { hint: place.hint }) };
  return new KosError("BAD_REQUEST", message, { details, ...(place.cause !== undefined && { cause: place.cause }) });
}

/** `Did you mean --path?`, else what there is. */
export function didYouMean(wanted: string, names: readonly string[], prefix = ""): string {
  const near = nearestName(wanted, names);
  if (near !== undefined) return `Did you mean ${prefix}${near}?`;
  return names.length === 0 ? "There are none." : `There are: ${names.map((name) => prefix + name).join(", ")}.`;
}
