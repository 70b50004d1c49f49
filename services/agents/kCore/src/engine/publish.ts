// Tells the world what has become durable.

import type { Publisher } from "../engine-api.ts";
import type { PublishedEvent } from "../partition/partition-io.ts";

/** Opaque to others: the partition and the place in its log. */
export function cursorOf(partition: number, position: number): string {
  return `${partition}-${position}`;
}

/** Errors: none; undefined for what is no cursor of ours. */
export function readCursor(cursor: string): { readonly partition: number; readonly position: number } | undefined {
  const match = /^(\d{1,4})-(\d{1,15})$/.exec(cursor);
  return match === null ? undefined : { partition: Number(match[1]), position: Number(match[2]) };
}

export function publishEvents(bus: Publisher, partition: number, events: readonly PublishedEvent[]): void {
  for (const { planId, tenant, seq, position, at, event, planStatus } of events) {
    const message = {
      kind: "event" as const,
      tenant,
      plan_id: planId,
      seq,
      type: event.type,
      at,
      payload: event.payload,
      cursor: cursorOf(partition, position),
      plan_status: planStatus,
    };
    bus.publish(`plan:${planId}`, message);
    if (event.type.startsWith("plan.")) bus.publish("plans", message);
  }
}
