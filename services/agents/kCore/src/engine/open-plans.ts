// How many plans may be open at once. What is open already goes on, and the firings of schedules are not refused.

import { KosError } from "@kos/klp";
import type { EngineParts } from "./engine-parts.ts";
import type { KeyScope } from "./submission.ts";

/**
 * Refuses a new plan where as many are open as may be; a plan that its key has made already is answered as ever. Plans that come in the same
 * moment are not counted for each other. Errors: UNAVAILABLE.
 */
export async function refuseWhenFull({ options, limits, readKey }: EngineParts, key: KeyScope | undefined): Promise<void> {
  const [row] = await options.tables.read<{ open: number }>((query) =>
    query
      .selectFrom("plan")
      .select(({ fn }) => fn.countAll().as("open"))
      .where("is_open", "=", 1),
  );
  if (Number(row?.open ?? 0) < limits.openPlans) return;
  if (key !== undefined && (await readKey(key.scope)) !== undefined) return;
  throw new KosError(
    "UNAVAILABLE",
    `${limits.openPlans} plans are open, the most this node takes (limits.open_plans). Try again when some have ended, or cancel some.`,
  );
}
