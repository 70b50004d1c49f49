// One run of retention: artifacts whose time is over, plans into the archive and out of the store, then what follows from that. Bounded steps with
// pauses between them; killed anywhere, the next run goes on.

import type { ArtifactRetention, RetentionPreview, RetentionReport } from "@kos/api";
import type { ArtifactIndex } from "@kos/artifact-manager";
import type { Blobs } from "@kos/blobs";
import type { KosConfig } from "@kos/config";
import type { FinishedPlan, Retention } from "@kos/kcore";
import { isKosError, toWireError } from "@kos/klp";
import type { Store } from "@kos/store";
import type { Logger } from "@kos/telemetry";
import type { Archive } from "./archive.ts";
import { noteCandidate, sweepBlobs } from "./blob-sweep.ts";

export interface RetentionParts {
  readonly policy: KosConfig["retention"];
  readonly store: Store;
  readonly engine: Retention;
  readonly archive: Archive;
  readonly artifacts: ArtifactIndex;
  readonly blobs: Blobs;
  readonly partitions: readonly number[];
  readonly now: () => number;
  readonly logger: Logger;
  /** Lets commits and requests have their turn; rejects when the run is to stop. */
  readonly pause: () => Promise<void>;
}

type Counts = { -readonly [Name in Exclude<keyof RetentionReport, "ended_at">]: RetentionReport[Name] };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** However full the store is, what ended so lately stays: somebody may be reading it. */
const YOUNGEST_MS = HOUR_MS;
const PLANS_AT_ONCE = 20;
const ARTIFACTS_AT_ONCE = 200;
const RECLAIM_BYTES = 2_097_152;
/** Free space that is left for what comes next. */
const SPARE_BYTES = 1_048_576;
const MOST_PROBLEMS = 20;
const MOST_SHOWN = 50;

export async function runRetention(parts: RetentionParts): Promise<RetentionReport> {
  const { now, store, engine, pause } = parts;
  const counts: Counts = {
    started_at: new Date(now()).toISOString(),
    plans: 0,
    archive_bytes: 0,
    artifacts: 0,
    blobs: 0,
    records: 0,
    events_cut: 0,
    archives_removed: 0,
    freed_bytes: 0,
    problems: [],
  };
  const before = await store.reclaim();
  await expireArtifacts(parts, counts);
  const left = new Set<string>();
  await prunePlans(parts, counts, left, now() - parts.policy.plan_days * DAY_MS, async () => true);
  await prunePlans(parts, counts, left, now() - YOUNGEST_MS, async () => isOverSize(parts));
  await followUp(parts, counts);
  if (parts.policy.archive_days !== undefined) {
    counts.archives_removed = await parts.archive.removeBefore(now() - parts.policy.archive_days * DAY_MS);
  }
  counts.blobs = await sweepBlobs({ ...parts, tables: store.tables, log: store.log });
  for (let size = await store.reclaim(); size.freeBytes > SPARE_BYTES; ) {
    const next = await store.reclaim(Math.min(RECLAIM_BYTES, size.freeBytes - SPARE_BYTES));
    if (next.freeBytes >= size.freeBytes) break;
    size = next;
    await pause();
  }
  counts.freed_bytes = Math.max(0, before.bytes - (await store.reclaim()).bytes);
  await engine.cut();
  return { ...counts, ended_at: new Date(now()).toISOString() };
}

/** Records that have aged, and the beginning of the log. */
async function followUp({ engine, policy, now, pause }: RetentionParts, counts: Counts): Promise<void> {
  const beforeMs = now() - policy.plan_days * DAY_MS;
  for (let aged = await engine.age(beforeMs); aged > 0; aged = await engine.age(beforeMs)) {
    counts.records += aged;
    await pause();
  }
  for (let cut = await engine.cut(); cut > 0; cut = await engine.cut()) {
    counts.events_cut += cut;
    await pause();
  }
}

/** Oldest first, as long as `wanted` says so. A plan that cannot be archived is left alone and named. */
async function prunePlans(
  parts: RetentionParts,
  counts: Counts,
  left: Set<string>,
  endedBeforeMs: number,
  wanted: () => Promise<boolean>,
): Promise<void> {
  while (await wanted()) {
    const found = await parts.engine.finished({ endedBeforeMs, limit: PLANS_AT_ONCE + left.size });
    const plans = found.filter(({ planId }) => !left.has(planId)).slice(0, PLANS_AT_ONCE);
    if (plans.length === 0) return;
    for (const plan of plans) {
      if (!(await archivePlan(parts, counts, plan))) left.add(plan.planId);
      await parts.pause();
    }
  }
}

async function archivePlan({ archive, engine, blobs, logger }: RetentionParts, counts: Counts, { planId }: FinishedPlan): Promise<boolean> {
  try {
    const { mentioned, ...file } = await archive.keep(planId);
    await engine.prune(planId, file, await stored(blobs, mentioned));
    counts.plans++;
    counts.archive_bytes += file.bytes;
    return true;
  } catch (error) {
    // A disk that is full or gone is nothing to go on with.
    if (isKosError(error, "STORAGE_FULL") || isKosError(error, "UNAVAILABLE")) throw error;
    logger.warn("a plan could not be archived and stays", { plan_id: planId, error });
    if (counts.problems.length < MOST_PROBLEMS) counts.problems.push({ plan_id: planId, error: toWireError(error) });
    return false;
  }
}

/** Most hashes in a plan's events are those of messages and calls. */
async function stored(blobs: Blobs, hashes: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const hash of hashes) if ((await blobs.stat(hash)) !== undefined) found.push(hash);
  return found;
}

async function isOverSize({ store, policy, engine, pause }: RetentionParts): Promise<boolean> {
  const { bytes, freeBytes } = await store.reclaim();
  if (bytes - freeBytes <= policy.store_bytes) return false;
  // What is over by now may be enough.
  while ((await engine.cut()) > 0) await pause();
  const after = await store.reclaim();
  return after.bytes - after.freeBytes > policy.store_bytes;
}

async function expireArtifacts(parts: RetentionParts, counts: Counts): Promise<void> {
  const { artifacts, now, pause } = parts;
  for (const [retention, createdBeforeMs] of expiries(parts)) {
    for (;;) {
      const expired = await artifacts.expired({ retention, createdBeforeMs, limit: ARTIFACTS_AT_ONCE });
      if (expired.length === 0) break;
      const notes = expired.map(({ hash }) => noteCandidate(hash, now()));
      await artifacts.remove(
        expired.map(({ artifact_id: id }) => id),
        notes,
      );
      counts.artifacts += expired.length;
      await pause();
    }
  }
}

function expiries({ policy, now }: Pick<RetentionParts, "policy" | "now">): readonly (readonly [ArtifactRetention, number])[] {
  return [
    ["ephemeral", now() - policy.artifacts_ephemeral_hours * HOUR_MS],
    ["session", now() - policy.artifacts_session_days * DAY_MS],
    ["standard", now() - policy.artifacts_standard_days * DAY_MS],
  ];
}

/** What a run would remove now; beyond the size bound it cannot be told before. */
export async function previewRetention(
  parts: Pick<RetentionParts, "engine" | "artifacts" | "policy" | "now" | "store">,
): Promise<RetentionPreview> {
  const { engine, artifacts, policy, now, store } = parts;
  const endedBeforeMs = now() - policy.plan_days * DAY_MS;
  const [first, plans, size] = await Promise.all([
    engine.finished({ endedBeforeMs, limit: MOST_SHOWN }),
    engine.countFinished(endedBeforeMs),
    store.reclaim(),
  ]);
  let count = 0;
  let bytes = 0;
  for (const [retention, createdBeforeMs] of expiries(parts)) {
    for (const artifact of await artifacts.expired({ retention, createdBeforeMs, limit: 100_000 })) {
      count++;
      bytes += artifact.bytes;
    }
  }
  return {
    plans,
    first: first.map(({ planId, goal, status, endedAtMs }) => ({
      plan_id: planId,
      goal,
      status,
      ended_at: new Date(endedAtMs).toISOString(),
    })),
    artifacts: count,
    artifact_bytes: bytes,
    over_size: size.bytes - size.freeBytes > policy.store_bytes,
  };
}
