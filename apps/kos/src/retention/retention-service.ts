// Runs retention now and then, and when asked; one run at a time. What it did and would do is there for doors.

import type { RetentionReport, RetentionView } from "@kos/api";
import type { Clock } from "@kos/kcore";
import { KosError } from "@kos/klp";
import { previewRetention, type RetentionParts, runRetention } from "./retention-run.ts";

export interface RetentionService extends AsyncDisposable {
  /** From now on it runs by itself. */
  start(): void;
  view(): Promise<RetentionView>;
  /** Starts a run unless one is under way. */
  run(): Promise<RetentionView>;
  /** Resolves when the run that is under way has ended. */
  settle(): Promise<void>;
}

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
const PAUSE_MS = 20;

export function createRetentionService(options: Omit<RetentionParts, "pause" | "now"> & { readonly clock: Clock }): RetentionService {
  const { clock, archive, store, policy, logger } = options;
  let stopTimer: (() => void) | undefined;
  let closing = false;
  let underWay: Promise<void> | undefined;
  let last: RetentionReport | undefined;
  const parts: RetentionParts = { ...options, now: () => clock.now(), pause };

  async function pause(): Promise<void> {
    await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve));
    if (closing) throw new KosError("CANCELLED", "The node is stopping; retention goes on at the next start.");
  }

  function begin(): void {
    underWay ??= runRetention(parts)
      .then(
        (report) => {
          last = report;
          if (report.plans + report.artifacts + report.blobs + report.events_cut > 0) logger.info("retention has run", { ...report });
        },
        (error: unknown) => {
          if (!closing) logger.warn("retention stopped; it goes on at its next run", { error });
        },
      )
      .finally(() => {
        underWay = undefined;
      });
  }

  function later(ms: number): void {
    stopTimer = clock.after(ms, () => {
      begin();
      later(EVERY_MS);
    });
  }

  async function view(): Promise<RetentionView> {
    const { bytes, freeBytes } = await store.reclaim();
    const { plan_days, store_bytes, archive_days, logs_days, artifacts_ephemeral_hours, artifacts_session_days, artifacts_standard_days } =
      policy;
    return {
      policy: {
        plan_days,
        store_bytes,
        ...(archive_days !== undefined && { archive_days }),
        logs_days,
        artifacts_ephemeral_hours,
        artifacts_session_days,
        artifacts_standard_days,
      },
      store: { bytes, free_bytes: freeBytes },
      archive: { path: archive.path, ...(await archive.size()) },
      preview: await previewRetention(parts),
      running: underWay !== undefined,
      ...(last && { last }),
    };
  }

  return {
    start: () => later(FIRST_AFTER_MS),
    view,
    async run() {
      begin();
      return view();
    },
    settle: () => underWay ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      closing = true;
      stopTimer?.();
      await underWay;
    },
  };
}
