// The system's clock and timers, handed to everything that needs time.

import type { Clock } from "@kos/kcore";

export const systemClock: Clock = {
  now: Date.now,
  after(ms, run) {
    // Node fires at once beyond 2^31 - 1 ms; a longer wait is one that is asked for again.
    const timer = setTimeout(run, Math.min(ms, 2_147_483_647));
    return () => clearTimeout(timer);
  },
};
