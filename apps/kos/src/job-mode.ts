// A node that was started for a job ends by itself: when no plan is open and nobody has asked anything for a while.

import type { Clock } from "@kos/kcore";

export interface JobWatch {
  /** Somebody asked something: start the quiet time anew. */
  touch(): void;
  stop(): void;
}

/** `onQuiet` runs once, when `isBusy` is false and nothing was asked for `quietMs`. */
export function watchJob(options: {
  readonly clock: Clock;
  readonly quietMs: number;
  readonly isBusy: () => Promise<boolean>;
  readonly onQuiet: () => void;
}): JobWatch {
  const { clock, quietMs } = options;
  let touchedAt = clock.now();
  let stopped = false;
  let cancel = clock.after(quietMs, check);

  function check(): void {
    if (stopped) return;
    const left = touchedAt + quietMs - clock.now();
    if (left > 0) {
      cancel = clock.after(left, check);
      return;
    }
    options.isBusy().then(
      (busy) => {
        if (stopped) return;
        if (busy) cancel = clock.after(quietMs, check);
        else options.onQuiet();
      },
      () => {
        cancel = clock.after(quietMs, check);
      },
    );
  }

  return {
    touch() {
      touchedAt = clock.now();
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
