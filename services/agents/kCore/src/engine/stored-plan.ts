// Reads plans and values back from the log and the blob store, in the form the partition takes them.

import { KosError } from "@kos/klp";
import type { EventLog, StoredEvent } from "@kos/store";
import type { BudgetEvent } from "../budget/budget-event.ts";
import { budgetIdOf } from "../budget/budget-id.ts";
import type { BlobPort } from "../engine-api.ts";
import type { LoadedEvent, LoadedPlan, ValueAddress } from "../partition/partition-io.ts";
import type { PlanCreated, PlanEvent } from "../plan/plan-event.ts";
import { upcast } from "../plan/upcast.ts";

export interface StoredPlanSource {
  readonly log: EventLog;
  readonly blobs: BlobPort;
}

const PAGE = 5000;
/** More values than this are read as one range of the stream. */
const RANGE_FROM = 32;

export async function readPlan(source: StoredPlanSource, partition: number, planId: string): Promise<LoadedPlan> {
  const stored = await readAll(source.log, partition, planId);
  const events: LoadedEvent[] = [];
  for (const event of stored) events.push(await loadedEvent(source, event));
  const hasBudget = events.some(({ event }) => "graph" in event.payload && event.payload.graph.budget !== undefined);
  const budget = hasBudget ? await readAll(source.log, partition, budgetIdOf(planId)) : [];
  return { events, budget: budget.map((event) => ({ type: event.type, payload: payloadOf(event) }) as BudgetEvent) };
}

async function readAll(log: EventLog, partition: number, planId: string): Promise<readonly StoredEvent[]> {
  const first = await log.readStream({ partition, plan_id: planId, limit: PAGE });
  if (first.length < PAGE) return first;
  const all = [...first];
  for (;;) {
    const page = await log.readStream({ partition, plan_id: planId, from_seq: all.length + 1, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** An event as it is applied: brought to today's form, its large parts fetched. Errors: NOT_FOUND where its payload was removed. */
export async function loadedEvent(source: StoredPlanSource, stored: StoredEvent): Promise<LoadedEvent> {
  const event = upcast(stored.type, payloadOf(stored));
  return { event: await withBody(source.blobs, event), tenant: tenantOf(stored), atMs: Date.parse(stored.at) };
}

function payloadOf(stored: StoredEvent): unknown {
  if (stored.payload !== null) return JSON.parse(stored.payload);
  throw new KosError("NOT_FOUND", `The content of plan ${stored.plan_id} has been removed; only its proofs are left.`, {
    planId: stored.plan_id,
  });
}

async function withBody(blobs: BlobPort, event: PlanEvent): Promise<PlanEvent> {
  if (event.type !== "plan.created" && event.type !== "plan.changed") return event;
  if (event.payload.body === undefined) return event;
  const body = JSON.parse(Buffer.from(await blobs.get(event.payload.body.hash)).toString()) as Pick<PlanCreated, "graph" | "reusable">;
  return { ...event, payload: { ...event.payload, ...body } } as PlanEvent;
}

function tenantOf(stored: StoredEvent): string {
  const header = JSON.parse(stored.header) as { readonly tenant?: string };
  return header.tenant ?? "local";
}

export async function readValues(
  source: StoredPlanSource,
  partitionOf: (planId: string) => number,
  addresses: readonly ValueAddress[],
): Promise<readonly { readonly key: string; readonly value: unknown }[]> {
  const inLog = addresses.filter(({ blob }) => blob === undefined);
  const payloads = await readPayloads(source.log, partitionOf, inLog);
  return Promise.all(
    addresses.map(async (address) => {
      if (address.blob !== undefined) return { key: address.key, value: await readBlob(source.blobs, address.blob) };
      const payload = payloads.get(`${address.planId}#${address.seq}`);
      return { key: address.key, value: address.key.startsWith("reused#") ? payload : outputIn(payload, address) };
    }),
  );
}

function outputIn(payload: unknown, address: ValueAddress): unknown {
  const output = (payload as { readonly output?: { readonly value?: unknown } } | undefined)?.output;
  if (output !== undefined && "value" in output) return output.value;
  throw new KosError("INTERNAL", `Event ${address.seq} of plan ${address.planId} holds no value.`, { planId: address.planId });
}

async function readBlob(blobs: BlobPort, hash: string): Promise<unknown> {
  return JSON.parse(Buffer.from(await blobs.get(hash)).toString());
}

async function readPayloads(
  log: EventLog,
  partitionOf: (planId: string) => number,
  addresses: readonly ValueAddress[],
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const streams = Map.groupBy(addresses, ({ planId }) => planId);
  for (const [planId, wanted] of streams) {
    const partition = partitionOf(planId);
    const seqs = wanted.map(({ seq }) => seq).sort((left, right) => left - right);
    const first = seqs[0] ?? 1;
    const last = seqs.at(-1) ?? first;
    const ranges = wanted.length >= RANGE_FROM ? [{ from: first, limit: last - first + 1 }] : seqs.map((seq) => ({ from: seq, limit: 1 }));
    const needed = new Set(seqs);
    for (const { from, limit } of ranges) {
      const events = await log.readStream({ partition, plan_id: planId, from_seq: from, limit });
      for (const event of events) if (needed.has(event.plan_seq)) found.set(`${planId}#${event.plan_seq}`, payloadOf(event));
    }
  }
  return found;
}
