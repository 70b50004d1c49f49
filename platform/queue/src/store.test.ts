import { describe, expect, it } from "vitest";
import { manualTimers } from "./manual-timers.fixture.ts";
import { storeQueue } from "./store.ts";
import { hint, isPending, testTaskQueueContract } from "./task-queue.contract.ts";
import type { TaskHint } from "./task-queue.ts";

const NEVER = new AbortController().signal;

async function* nothing(): AsyncGenerator<TaskHint> {}

function unexpected(error: unknown): void {
  throw error;
}

testTaskQueueContract("store", (timers) => storeQueue({ timers, source: nothing, onError: unexpected }));

describe("the queue behind which the store stands", () => {
  it("[Q9] begins with what the store holds, and brings lost hints back at the next sweep", async () => {
    const timers = manualTimers();
    const held = ["a/1"];
    async function* source(): AsyncGenerator<TaskHint> {
      for (const key of held) yield hint(key);
    }
    await using queue = storeQueue({ timers, source, sweepEveryMs: 1000, onError: unexpected });
    expect((await queue.take("work", NEVER)).key).toBe("a/1");
    held.splice(0, 1, "a/2");
    const next = queue.take("work", NEVER);
    await queue.sweep();
    expect((await next).key).toBe("a/2");
    held.splice(0, 1, "a/3");
    const third = queue.take("work", NEVER);
    timers.advance(999);
    expect(await isPending(third)).toBe(true);
    timers.advance(1);
    expect((await third).key).toBe("a/3");
  });

  it("[Q9] makes one sweep of all that are asked for during another, and counts what the store gave", async () => {
    let reads = 0;
    async function* source(): AsyncGenerator<TaskHint> {
      reads++;
      yield hint("a/1");
      yield hint("a/2");
    }
    await using queue = storeQueue({ timers: manualTimers(), source, onError: unexpected });
    expect(await Promise.all([queue.sweep(), queue.sweep(), queue.sweep()])).toEqual([2, 2, 2]);
    expect(reads).toBe(2);
    expect(queue.size("work").ready).toBe(2);
  });

  it("[Q9] reports a store that fails and sweeps again later", async () => {
    const timers = manualTimers();
    const errors: unknown[] = [];
    const failure = new Error("store is busy");
    let isFailing = true;
    async function* source(): AsyncGenerator<TaskHint> {
      if (isFailing) throw failure;
      yield hint("a/1");
    }
    await using queue = storeQueue({ timers, source, sweepEveryMs: 1000, onError: (error) => errors.push(error) });
    await queue.sweep();
    expect(errors).toEqual([failure, failure]);
    isFailing = false;
    const next = queue.take("work", NEVER);
    timers.advance(1000);
    expect((await next).key).toBe("a/1");
  });

  it("[Q7] ends a sweep that is under way when it is disposed", async () => {
    const timers = manualTimers();
    const gate = Promise.withResolvers<void>();
    let readOn = false;
    async function* source(): AsyncGenerator<TaskHint> {
      yield hint("a/1");
      await gate.promise;
      yield hint("a/2");
      readOn = true;
    }
    const queue = storeQueue({ timers, source, onError: unexpected });
    const closed = queue[Symbol.asyncDispose]();
    gate.resolve();
    await closed;
    expect(timers.waiting).toBe(0);
    expect(readOn).toBe(false);
    expect(await queue.sweep()).toBe(0);
  });
});
