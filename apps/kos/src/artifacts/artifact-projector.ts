// Lists the artifacts that plans write: live from the bus, and at start and end from the log, so that none is missed and each is listed once.

import { type ArtifactIndex, createArtifactIndex } from "@kos/artifact-manager";
import type { Blobs } from "@kos/blobs";
import { parseEventHeader } from "@kos/evidence";
import type { EventBus } from "@kos/bus";
import type { PlanEventPayloads, Published } from "@kos/kcore";
import type { Migration, Store } from "@kos/store";
import type { Logger } from "@kos/telemetry";

export const PROJECTOR_MIGRATIONS: readonly Migration[] = [
  {
    owner: "node",
    version: 1,
    statements: [
      "CREATE TABLE projector (name TEXT NOT NULL, log_partition INTEGER NOT NULL, next_position INTEGER NOT NULL, PRIMARY KEY (name, log_partition))",
    ],
  },
];

export interface ArtifactProjectorOptions {
  readonly store: Store;
  readonly bus: EventBus;
  readonly blobs: Blobs;
  readonly partitions: readonly number[];
  readonly newId: () => string;
  readonly now: () => number;
  readonly logger: Logger;
}

export interface ArtifactProjector extends AsyncDisposable {
  readonly index: ArtifactIndex;
  /** Resolves once everything published before the call is listed. */
  settle(): Promise<void>;
}

const NAME = "artifacts";
const PAGE = 500;
const WITH_ARTIFACTS: ReadonlySet<string> = new Set(["task.succeeded", "task.reused"]);
const SAVE_POSITION = `
  INSERT INTO projector (name, log_partition, next_position) VALUES (?, ?, ?)
  ON CONFLICT (name, log_partition) DO UPDATE SET next_position = excluded.next_position`;

type ArtifactPayload = Pick<PlanEventPayloads["task.succeeded"], "task_id" | "artifacts" | "output">;

interface ArtifactEvent {
  readonly tenant: string;
  readonly plan_id: string;
  readonly seq: number;
  readonly payload: ArtifactPayload;
}

/** What the log said before it was opened is listed when it resolves. */
export async function openArtifactProjector(options: ArtifactProjectorOptions): Promise<ArtifactProjector> {
  const { store, bus, logger } = options;
  const index = createArtifactIndex({ tables: store.tables, blobs: options.blobs, now: options.now, newId: options.newId });
  let work: Promise<void> = Promise.resolve();

  async function list(event: ArtifactEvent): Promise<void> {
    for (const [place, { name, media_type, bytes, hash }] of event.payload.artifacts.entries()) {
      const { tenant, plan_id, seq, payload } = event;
      const source = `${plan_id}/${seq}/${place}`;
      const { labels } = payload.output;
      await index.add({
        tenant,
        name,
        media_type,
        bytes,
        hash,
        plan_id,
        task_id: payload.task_id,
        labels,
        created_by: "kCore:main",
        source,
      });
    }
  }

  async function position(partition: number): Promise<number> {
    const [row] = await store.tables.read<{ next_position: number }>((query) =>
      query.selectFrom("projector").select("next_position").where("name", "=", NAME).where("log_partition", "=", partition),
    );
    return row?.next_position ?? 0;
  }

  /** Reads on from where it stopped; adding what is listed already changes nothing. */
  async function catchUp(partition: number): Promise<void> {
    let from = await position(partition);
    for (;;) {
      const events = await store.log.readPartition({ partition, from, limit: PAGE });
      for (const { type, plan_id, plan_seq, header, payload } of events) {
        if (payload === null || !WITH_ARTIFACTS.has(type)) continue;
        await list({ tenant: parseEventHeader(header).tenant, plan_id, seq: plan_seq, payload: JSON.parse(payload) as ArtifactPayload });
      }
      from += events.length;
      if (events.length > 0) await store.tables.write([{ sql: SAVE_POSITION, parameters: [NAME, partition, from] }]);
      if (events.length < PAGE) return;
    }
  }

  function then(next: () => Promise<void>): void {
    work = work.then(next).catch((error: unknown) => logger.error("artifacts could not be listed; the next start tries again", { error }));
  }

  for (const partition of options.partitions) await catchUp(partition);
  const following = bus.subscribe("*", ({ payload }) => {
    const published = payload as Published;
    if (published.kind !== "event" || !WITH_ARTIFACTS.has(published.type)) return;
    const event = { ...published, payload: published.payload as ArtifactPayload };
    if (event.payload.artifacts.length > 0) then(() => list(event));
  });
  return {
    index,
    settle: () => work,
    async [Symbol.asyncDispose]() {
      await following[Symbol.asyncDispose]();
      for (const partition of options.partitions) then(() => catchUp(partition));
      await work;
    },
  };
}
