// What can be called at this moment, as the planner's check sees it.

import type { Registry } from "@kos/kcore";
import type { CapabilityCatalogue } from "@kos/plan";

export function liveCatalogue(registry: () => Registry | undefined): CapabilityCatalogue {
  return {
    get: (name) => registry()?.capability(name)?.description,
    keys: () => (registry()?.capabilities() ?? []).map(({ description }) => description.name),
  };
}
