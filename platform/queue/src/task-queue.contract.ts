// What every driver of the queue must do; the numbers are those of SPEC.md.

import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ManualTimers } from "./manual-timers.fixture.ts";
import { manualTimers } from "./manual-timers.fixture.ts";
import type { TaskHint, TaskQueue } from "./task-queue.ts";

const NEVER = new AbortController().signal;

export function testTaskQueueContract(name: string, open: (timers: ManualTimers) => TaskQueue): void {
  describe(`task queue contract: ${name}`, () => {
    it("[Q1] hands a hint to one who takes it, whoever came first", async () => {
      const { queue } = start();
      queue.push(hint("a/1"));
      expect(await queue.take("work", NEVER)).toEqual(hint("a/1"));
      const waiting = queue.take("work", NEVER);
      queue.push(hint("a/2"));
      expect(await waiting).toEqual(hint("a/2"));
    });

    it("[Q1] keeps queues apart", async () => {
      const { queue } = start();
      queue.push(hint("a/1", { queue: "other" }));
      expect(await isPending(queue.take("work", NEVER))).toBe(true);
      expect(queue.size("other").ready).toBe(1);
    });

    it("[Q3] keeps a key that waits once, and takes it again once it was handed out", async () => {
      const { queue } = start();
      for (const _ of [1, 2, 3]) queue.push(hint("a/1"));
      expect(queue.size("work")).toEqual({ ready: 1, delayed: 0 });
      await queue.take("work", NEVER);
      expect(queue.size("work")).toEqual({ ready: 0, delayed: 0 });
      const next = queue.take("work", NEVER);
      expect(await isPending(next)).toBe(true);
      queue.push(hint("a/1"));
      expect((await next).key).toBe("a/1");
    });

    it("[Q4] lets groups take turns, however many hints one of them has", async () => {
      const { queue } = start();
      for (let index = 0; index < 100; index++) queue.push(hint(`big/${index}`));
      queue.push(hint("small/0"));
      queue.push(hint("small/1"));
      queue.push(hint("tiny/0"));
      const order = [];
      for (let index = 0; index < 6; index++) order.push((await queue.take("work", NEVER)).key);
      expect(order).toEqual(["big/0", "small/0", "tiny/0", "big/1", "small/1", "big/2"]);
    });

    it("[Q4] never lets a group wait for more than one hint of each other group", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(30)), { minLength: 1, maxLength: 60 }), async (pushes) => {
          const { queue } = start();
          const distinct = new Set<string>();
          for (const [group, index] of pushes) {
            queue.push(hint(`g${group}/${index}`));
            distinct.add(`g${group}/${index}`);
          }
          const order: string[] = [];
          for (let index = 0; index < distinct.size; index++) order.push((await queue.take("work", NEVER)).group);
          for (const [at, group] of order.entries()) {
            const next = order.indexOf(group, at + 1);
            if (next < 0) continue;
            const between = order.slice(at + 1, next);
            expect(new Set(between).size).toBe(between.length);
          }
        }),
      );
    });

    it("[Q5] hands nothing out before its time, then in the order of the times", async () => {
      const { queue, timers } = start();
      const now = timers.now();
      queue.push(hint("a/late", { not_before_ms: now + 2000 }));
      queue.push(hint("b/soon", { not_before_ms: now + 1000 }));
      queue.push(hint("c/past", { not_before_ms: now - 1 }));
      expect(queue.size("work")).toEqual({ ready: 1, delayed: 2 });
      expect((await queue.take("work", NEVER)).key).toBe("c/past");
      const next = queue.take("work", NEVER);
      timers.advance(999);
      expect(await isPending(next)).toBe(true);
      timers.advance(1);
      expect((await next).key).toBe("b/soon");
      timers.advance(1000);
      expect((await queue.take("work", NEVER)).key).toBe("a/late");
      expect(queue.size("work")).toEqual({ ready: 0, delayed: 0 });
    });

    it("[Q5] keeps the earlier of two times for one key", async () => {
      const { queue, timers } = start();
      const now = timers.now();
      queue.push(hint("a/1", { not_before_ms: now + 2000 }));
      queue.push(hint("a/1", { not_before_ms: now + 1000 }));
      queue.push(hint("a/1", { not_before_ms: now + 3000 }));
      expect(queue.size("work")).toEqual({ ready: 0, delayed: 1 });
      timers.advance(1000);
      expect((await queue.take("work", NEVER)).key).toBe("a/1");
      queue.push(hint("a/2", { not_before_ms: now + 60_000 }));
      queue.push(hint("a/2"));
      expect((await queue.take("work", NEVER)).key).toBe("a/2");
      timers.advance(60_000);
      expect(queue.size("work")).toEqual({ ready: 0, delayed: 0 });
    });

    it("[Q5] waits for times that lie further off than a timer reaches", async () => {
      const { queue, timers } = start();
      const days60Ms = 60 * 86_400_000;
      queue.push(hint("a/1", { not_before_ms: timers.now() + days60Ms }));
      const next = queue.take("work", NEVER);
      timers.advance(days60Ms - 1);
      expect(await isPending(next)).toBe(true);
      timers.advance(1);
      expect((await next).key).toBe("a/1");
    });

    it("[Q6] stops waiting when the signal says so, without losing a hint", async () => {
      const { queue } = start();
      const stop = new AbortController();
      const reason = new Error("worker is leaving");
      const given = queue.take("work", stop.signal);
      stop.abort(reason);
      await expect(given).rejects.toMatchObject({ code: "CANCELLED", cause: reason });
      await expect(queue.take("work", stop.signal)).rejects.toMatchObject({ code: "CANCELLED" });
      queue.push(hint("a/1"));
      const lasting = new AbortController().signal;
      expect((await queue.take("work", lasting)).key).toBe("a/1");
      expect(getEventListeners(lasting, "abort")).toEqual([]);
    });

    it("[Q7] fails those who wait when it is disposed, leaves no timer, and ignores later pushes", async () => {
      const { queue, timers } = start();
      queue.push(hint("a/1", { not_before_ms: timers.now() + 1000 }));
      const waiting = queue.take("work", NEVER);
      const outcome = waiting.catch((error: unknown) => error);
      await queue[Symbol.asyncDispose]();
      expect(await outcome).toMatchObject({ code: "UNAVAILABLE" });
      expect(timers.waiting).toBe(0);
      queue.push(hint("a/2"));
      expect(queue.size("work")).toEqual({ ready: 0, delayed: 0 });
      await expect(queue.take("work", NEVER)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    });

    function start() {
      const timers = manualTimers();
      return { queue: open(timers), timers };
    }
  });
}

/** `plan/task` with its plan as the group. */
export function hint(key: string, more: Partial<TaskHint> = {}): TaskHint {
  return { queue: "work", key, group: key.split("/")[0] ?? key, ...more };
}

/** Whether a promise is still open after everything that can run now has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  await new Promise<void>((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(open)])) === open;
}
