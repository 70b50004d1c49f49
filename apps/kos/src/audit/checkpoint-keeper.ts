// Keeps signed heads in a file outside the data folder: what shows later that the log lost its tail or was told in two versions.

import type { Clock } from "@kos/kcore";
import { KosError } from "@kos/klp";
import { type EventLog, keepCheckpoint } from "@kos/store";
import type { Logger } from "@kos/telemetry";

export interface CheckpointKeeperOptions {
  /** `audit.checkpoint_path`. */
  readonly path: string;
  readonly log: EventLog;
  readonly publicKey: Uint8Array;
  readonly partitions: readonly number[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A head is kept at most this often while the log grows. */
const EVERY_MS = 1_000;

/**
 * Compares first: a log that is behind its checkpoints has been cut, and nothing may be built on it.
 * Errors: CONFLICT (cut or forked, with the head that proves it), UNAVAILABLE, STORAGE_FULL (the file).
 */
export async function keepCheckpoints(options: CheckpointKeeperOptions): Promise<AsyncDisposable> {
  const { log, clock, logger } = options;
  let stopTimer: (() => void) | undefined;

  async function keep(partition: number, settle: boolean): Promise<void> {
    const head = await log.head(partition, { settle });
    if (head === undefined) return;
    const kept = keepCheckpoint(options.path, head, options.publicKey);
    if (kept.outcome === "shrunk") {
      throw new KosError(
        "CONFLICT",
        `The log has ${head.size} events, but a checkpoint outside says it had ${kept.newest.size}: its tail was cut off. Put the data folder back from a backup.`,
        {
          details: { partition, size: head.size, checkpoint: kept.newest },
        },
      );
    }
    if (kept.outcome === "forked") {
      throw new KosError(
        "CONFLICT",
        `Two signed heads of the log differ at size ${head.size}. Both are kept beside the checkpoint file as a proof.`,
        {
          details: { partition, head, other: kept.other },
        },
      );
    }
  }

  async function keepAll(settle: boolean): Promise<void> {
    for (const partition of options.partitions) await keep(partition, settle);
  }

  await keepAll(true);
  const stopWatching = log.watch(() => {
    stopTimer ??= clock.after(EVERY_MS, () => {
      stopTimer = undefined;
      keepAll(false).catch((error: unknown) => logger.fatal("a checkpoint of the log could not be kept", { error }));
    });
  });
  return {
    async [Symbol.asyncDispose]() {
      stopWatching();
      stopTimer?.();
      await keepAll(true);
    },
  };
}
