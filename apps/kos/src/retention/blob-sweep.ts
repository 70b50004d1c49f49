// Deletes blobs that removed plans and artifacts named, unless an artifact or an event still in the log names them too.

import type { Blobs } from "@kos/blobs";
import type { EventLog, Statement, Tables } from "@kos/store";
import { mentionedHashes } from "./blob-mentions.ts";

export interface BlobSweepOptions {
  readonly tables: Tables;
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly partitions: readonly number[];
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
}

/** Candidates of one sweep; the next one takes the rest. */
const MOST_CANDIDATES = 10_000;
const PAGE = 500;

/** Notes that a blob may have lost its last name. */
export function noteCandidate(hash: string, nowMs: number): Statement {
  return { sql: "INSERT INTO blob_candidate (hash, noted_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", parameters: [hash, nowMs] };
}

/** Gives how many were deleted. One that is too young stays a candidate. */
export async function sweepBlobs({ tables, log, blobs, partitions, pause }: BlobSweepOptions): Promise<number> {
  const rows = await tables.read<{ hash: string }>((query) =>
    query.selectFrom("blob_candidate").select("hash").orderBy("noted_at").limit(MOST_CANDIDATES),
  );
  if (rows.length === 0) return 0;
  // Begun before anything is looked at: whatever is put from here on is safe.
  const sweep = await blobs.sweep();
  const free = new Set(rows.map(({ hash }) => hash));
  for (const partition of partitions) await removeNamed(free, log, partition, pause);
  await removeArtifacts(free, tables);
  const done: string[] = rows.map(({ hash }) => hash).filter((hash) => !free.has(hash));
  let deleted = 0;
  for (const hash of free) {
    if (await sweep.delete(hash)) deleted++;
    else if ((await blobs.stat(hash)) !== undefined) continue;
    done.push(hash);
    if (deleted % 100 === 99) await pause();
  }
  for (let from = 0; from < done.length; from += PAGE) {
    await tables.write(
      done.slice(from, from + PAGE).map((hash) => ({ sql: "DELETE FROM blob_candidate WHERE hash = ?", parameters: [hash] })),
    );
  }
  return deleted;
}

async function removeNamed(free: Set<string>, log: EventLog, partition: number, pause: () => Promise<void>): Promise<void> {
  for (let from = 0; ; ) {
    const events = await log.readPartition({ partition, from, limit: PAGE });
    for (const { payload } of events) {
      for (const hash of mentionedHashes(payload ?? "")) free.delete(hash);
    }
    const last = events.at(-1);
    if (events.length < PAGE || last === undefined) return;
    from = last.position + 1;
    await pause();
  }
}

async function removeArtifacts(free: Set<string>, tables: Tables): Promise<void> {
  const hashes = [...free];
  for (let from = 0; from < hashes.length; from += PAGE) {
    const named = await tables.read<{ hash: string }>((query) =>
      query
        .selectFrom("artifact")
        .select("hash")
        .where("hash", "in", hashes.slice(from, from + PAGE)),
    );
    for (const { hash } of named) free.delete(hash);
  }
}
