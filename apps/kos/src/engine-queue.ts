// The engine's hints over the queue port.

import type { Clock, HintQueue } from "@kos/kcore";
import { storeQueue, type TaskHint } from "@kos/queue";
import type { Tables } from "@kos/store";

const QUEUE = "kCore";

/** Hints in memory, and behind them the store's table of plans, from which lost ones come back. */
export function engineQueue(options: {
  readonly clock: Clock;
  readonly tables: Tables;
  readonly onError: (error: unknown) => void;
}): HintQueue & AsyncDisposable {
  const hints = storeQueue({ timers: options.clock, source: () => plansWithWork(options.tables), onError: options.onError });
  const stop = new AbortController();
  return {
    push: ({ partition, plan_id }) => hints.push(hintOf(partition, plan_id)),
    subscribe(listener) {
      const ended = new AbortController();
      const signal = AbortSignal.any([ended.signal, stop.signal]);
      void deliver(listener, signal);
      return () => ended.abort();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await hints[Symbol.asyncDispose]();
    },
  };

  async function deliver(listener: Parameters<HintQueue["subscribe"]>[0], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { key } = await hints.take(QUEUE, signal);
        const at = key.indexOf("/");
        listener({ partition: Number(key.slice(0, at)), plan_id: key.slice(at + 1) });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

function hintOf(partition: number, planId: string): TaskHint {
  return { queue: QUEUE, key: `${partition}/${planId}`, group: planId };
}

const PAGE = 500;

async function* plansWithWork(tables: Tables): AsyncGenerator<TaskHint> {
  for (let after = ""; ; ) {
    const rows = await tables.read<{ plan_id: string; shard: number }>((query) =>
      query
        .selectFrom("plan")
        .select(["plan_id", "shard"])
        .where("is_open", "=", 1)
        .where("has_work", "=", 1)
        .where("plan_id", ">", after)
        .orderBy("plan_id")
        .limit(PAGE),
    );
    for (const { plan_id, shard } of rows) yield hintOf(shard, plan_id);
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.plan_id ?? "";
  }
}
