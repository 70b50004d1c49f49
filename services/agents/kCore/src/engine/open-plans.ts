// How many plans may be open at once. What is open already goes on, and the firings of schedules are not refused.

import { KosError } from "@kos/klp";
import type { EngineParts } from "./engine-parts.ts";
import type { KeyScope } from "./submission.ts";

/**
 * Resolves where one more plan may be opened, or where the key has made its plan already; that one is answered as ever. Plans that come in the
 * same moment may not be counted for each other. Errors: UNAVAILABLE.
 */
type OpenPlansGate = (key: KeyScope | undefined) => Promise<void>;

export function createOpenPlansGate({ options, limits, readKey }: EngineParts): OpenPlansGate {
  /** Those counted last and all let in since: counting costs as much as there are, and is needed only where this reaches the bound. */
  let atMost = Number.POSITIVE_INFINITY;

  async function count(): Promise<number> {
    const [row] = await options.tables.read<{ open: number }>((query) =>
      query
        .selectFrom("plan")
        .select(({ fn }) => fn.countAll().as("open"))
        .where("is_open", "=", 1),
    );
    return Number(row?.open ?? 0);
  }

  return async (key) => {
    if (atMost >= limits.openPlans) atMost = await count();
    if (atMost < limits.openPlans) atMost++;
    else if (key === undefined || (await readKey(key.scope)) === undefined) {
      throw new KosError(
        "UNAVAILABLE",
        `${limits.openPlans} plans are open, the most this node takes (limits.open_plans). Try again when some have ended, or cancel some.`,
      );
    }
  };
}
