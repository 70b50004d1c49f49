// Frames for `/ws`: durable ones are read from the log up to now, then followed; what the bus loses is read again, so none is missed.

import type { ServerFrame } from "@kos/api";
import type { EventBus } from "@kos/bus";
import type { FrameSource, FrameSubscription } from "@kos/gateway";
import type { Published, Queries } from "@kos/kcore";
import { frameOf } from "./frame.ts";
import type { LogTopic } from "./log-topic.ts";

export interface FrameSourceOptions {
  readonly bus: EventBus;
  readonly queries: Queries;
  readonly logs: Pick<LogTopic, "listen">;
}

const PAGE = 500;
/** Frames kept while the past is being read. */
const MAX_HELD = 10_000;

export function createFrameSource(options: FrameSourceOptions): FrameSource {
  return {
    subscribe(subscription) {
      const stops = subscription.topics.map((topic) => {
        if (topic.startsWith("plan:")) return followPlan(options, subscription, topic.slice("plan:".length));
        if (topic === "log") return options.logs.listen(subscription.deliver);
        return followTopic(options, subscription, topic);
      });
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Topics over many plans are hints of what to look at: from now on, without a past. */
function followTopic({ bus }: FrameSourceOptions, { tenant, deliver }: FrameSubscription, topic: string): () => void {
  const following = bus.subscribe(topic, ({ payload }) => {
    const published = payload as Published;
    if (!("tenant" in published) || published.tenant === tenant) deliver(frameOf(published));
  });
  return () => void following[Symbol.asyncDispose]();
}

function followPlan({ bus, queries }: FrameSourceOptions, subscription: FrameSubscription, planId: string): () => void {
  const { tenant, deliver } = subscription;
  let stopped = false;
  let reading = true;
  let again = false;
  let lastSeq = 0;
  let cursor = subscription.since;
  let held: ServerFrame[] = [];

  const following = bus.subscribe(`plan:${planId}`, ({ payload }) => {
    const published = payload as Published;
    if ("tenant" in published && published.tenant !== tenant) return;
    const frame = frameOf(published);
    if (reading) {
      if (held.length < MAX_HELD) held.push(frame);
      else again = true;
    } else take(frame);
  });

  function take(frame: ServerFrame): void {
    if (stopped) return;
    if (frame.seq === undefined) return deliver(frame);
    if (frame.seq <= lastSeq) return;
    if (frame.seq !== lastSeq + 1) return void read(); // The bus dropped some.
    emit(frame);
  }

  function emit(frame: ServerFrame): void {
    lastSeq = frame.seq ?? lastSeq;
    cursor = frame.cursor ?? cursor;
    deliver(frame);
  }

  async function read(): Promise<void> {
    reading = true;
    try {
      do {
        again = false;
        for (;;) {
          const page = await queries.events(tenant, planId, { limit: PAGE, ...(cursor !== undefined && { since: cursor }) });
          if (stopped) return;
          for (const event of page.items) emit(frameOf({ kind: "event", tenant, plan_status: "running", ...event }));
          if (page.next_cursor === null || page.items.length === 0) break;
        }
        const waiting = held;
        held = [];
        for (const frame of waiting) {
          if (frame.seq === undefined) deliver(frame);
          else if (frame.seq === lastSeq + 1) emit(frame);
          else if (frame.seq > lastSeq) again = true;
        }
      } while (again && !stopped);
    } catch (error) {
      stopped = true;
      subscription.fail(error);
    } finally {
      reading = false;
    }
  }

  void read();
  return () => {
    stopped = true;
    void following[Symbol.asyncDispose]();
  };
}
