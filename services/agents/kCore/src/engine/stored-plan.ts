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
/** More values than this are read in ranges of the stream. */
const RANGE_FROM = 32;
/** Events between two wanted ones that are cheaper read along than skipped. */
const MAX_GAP = 64;

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
  const events = inLog.flatMap(({ planId, seq, checkpoints = [seq] }) => checkpoints.map((one) => ({ planId, seq: one })));
  const payloads = await readPayloads(source.log, partitionOf, events);
  return Promise.all(
    addresses.map(async (address) => {
      if (address.blob !== undefined) return { key: address.key, value: await readBlob(source.blobs, address.blob) };
      if (address.checkpoints !== undefined) return { key: address.key, value: checkpointsIn(payloads, address) };
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

function checkpointsIn(payloads: ReadonlyMap<string, unknown>, { planId, checkpoints = [] }: ValueAddress): readonly unknown[] {
  return checkpoints.map((seq) => {
    const payload = payloads.get(`${planId}#${seq}`) as { readonly value?: unknown } | undefined;
    if (payload !== undefined && "value" in payload) return payload.value;
    throw new KosError("INTERNAL", `Event ${seq} of plan ${planId} holds no checkpoint.`, { planId });
  });
}

async function readBlob(blobs: BlobPort, hash: string): Promise<unknown> {
  return JSON.parse(Buffer.from(await blobs.get(hash)).toString());
}

async function readPayloads(
  log: EventLog,
  partitionOf: (planId: string) => number,
  events: readonly { readonly planId: string; readonly seq: number }[],
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const streams = Map.groupBy(events, ({ planId }) => planId);
  for (const [planId, wanted] of streams) {
    const partition = partitionOf(planId);
    const seqs = wanted.map(({ seq }) => seq).sort((left, right) => left - right);
    const needed = new Set(seqs);
    for (const { from, limit } of rangesOf(seqs)) {
      const read = await log.readStream({ partition, plan_id: planId, from_seq: from, limit });
      for (const event of read) if (needed.has(event.plan_seq)) found.set(`${planId}#${event.plan_seq}`, payloadOf(event));
    }
  }
  return found;
}

/** `seqs` rise. Few are read one by one; many in ranges, which skip what lies far apart. */
function rangesOf(seqs: readonly number[]): readonly { readonly from: number; readonly limit: number }[] {
  if (seqs.length < RANGE_FROM) return seqs.map((seq) => ({ from: seq, limit: 1 }));
  const ranges: { from: number; limit: number }[] = [];
  for (const seq of seqs) {
    const range = ranges.at(-1);
    const gap = range === undefined ? Number.POSITIVE_INFINITY : seq - (range.from + range.limit);
    if (range === undefined || gap > MAX_GAP || range.limit >= PAGE) ranges.push({ from: seq, limit: 1 });
    else range.limit = seq - range.from + 1;
  }
  return ranges;
}
