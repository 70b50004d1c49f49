// Lists the artifacts that plans write: live from the bus, and at start and end from the log, so that none is missed and each is listed once.

import { type ArtifactIndex, createArtifactIndex } from "@kos/artifact-manager";
import type { Blobs } from "@kos/blobs";
import type { EventBus } from "@kos/bus";
import { parseEventHeader } from "@kos/evidence";
import type { Published } from "@kos/kcore";
import type { Migration, Store } from "@kos/store";
import type { Logger } from "@kos/telemetry";
import { type AcceptedArtifacts, ArtifactAcceptance, mayAccept } from "./artifact-acceptance.ts";

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
  readonly partitionOf: (planId: string) => number;
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
const SAVE_POSITION = `
  INSERT INTO projector (name, log_partition, next_position) VALUES (?, ?, ?)
  ON CONFLICT (name, log_partition) DO UPDATE SET next_position = excluded.next_position`;

/** What the log said before it was opened is listed when it resolves. */
export async function openArtifactProjector(options: ArtifactProjectorOptions): Promise<ArtifactProjector> {
  const { store, bus, logger } = options;
  const index = createArtifactIndex({ tables: store.tables, blobs: options.blobs, now: options.now, newId: options.newId });
  let work: Promise<void> = Promise.resolve();

  async function list(
    plan: { readonly tenant: string; readonly planId: string },
    { seq, taskId, labels, artifacts }: AcceptedArtifacts,
  ): Promise<void> {
    for (const [place, { name, media_type, bytes, hash }] of artifacts.entries()) {
      await index.add({
        tenant: plan.tenant,
        name,
        media_type,
        bytes,
        hash,
        plan_id: plan.planId,
        ...(taskId !== undefined && { task_id: taskId }),
        labels,
        created_by: "kCore:main",
        source: `${plan.planId}/${seq}/${place}`,
      });
    }
  }

  /** Adding what is listed already changes nothing, so a plan is simply read as a whole when one of its results was accepted. */
  async function listPlan(partition: number, tenant: string, planId: string): Promise<void> {
    const accepted = new ArtifactAcceptance();
    for (let from = 1; ; from += PAGE) {
      const events = await store.log.readStream({ partition, plan_id: planId, from_seq: from, limit: PAGE });
      for (const { type, plan_seq, payload } of events) {
        const found = payload === null ? undefined : accepted.take(type, plan_seq, JSON.parse(payload));
        if (found !== undefined && found !== "unknown") await list({ tenant, planId }, found);
      }
      if (events.length < PAGE) return;
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
      const plans = new Map(
        events.filter(({ type }) => mayAccept(type)).map((event) => [event.plan_id, parseEventHeader(event.header).tenant]),
      );
      for (const [planId, tenant] of plans) await listPlan(partition, tenant, planId);
      from = (events.at(-1)?.position ?? from - 1) + 1;
      if (events.length > 0) await store.tables.write([{ sql: SAVE_POSITION, parameters: [NAME, partition, from] }]);
      if (events.length < PAGE) return;
    }
  }

  function then(next: () => Promise<void>): void {
    work = work.then(next).catch((error: unknown) => logger.error("artifacts could not be listed; the next start tries again", { error }));
  }

  for (const partition of options.partitions) await catchUp(partition);
  const waiting = new Map<string, ArtifactAcceptance>();
  const following = bus.subscribe("*", ({ payload }) => {
    const published = payload as Published;
    if (published.kind !== "event") return;
    if (published.type === "plan.finished") waiting.delete(published.plan_id);
    if (!mayAccept(published.type)) return;
    const { tenant, plan_id: planId, type, seq } = published;
    const accepted = waiting.get(planId) ?? new ArtifactAcceptance();
    const found = accepted.take(type, seq, published.payload);
    if (accepted.isEmpty) waiting.delete(planId);
    else waiting.set(planId, accepted);
    if (found === "unknown") then(() => listPlan(options.partitionOf(planId), tenant, planId));
    else if (found) then(() => list({ tenant, planId }, found));
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
