// What a package in the older module format exports when it is imported late: its names, or all of it as `default`, as whoever bundled it sees fit.

import { KosError } from "@kos/klp";

/** The function exported under that name, or the package itself where it is one and no name is given. Errors: INTERNAL where there is none. */
export function exportedFunction(module: object, name?: string): unknown {
  const whole = (module as { readonly default?: unknown }).default ?? module;
  const inner = (whole as { readonly default?: unknown }).default;
  const candidates = name === undefined ? [whole, inner] : [module, whole].map((from) => (from as Readonly<Record<string, unknown>>)[name]);
  const found = candidates.find((candidate) => typeof candidate === "function");
  if (found === undefined) throw new KosError("INTERNAL", `A package exports no function ${name ?? "of its own"}.`);
  return found;
}
