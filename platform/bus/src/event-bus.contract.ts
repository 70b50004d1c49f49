// What every driver of the bus must do; the numbers are those of SPEC.md.

import { describe, expect, it } from "vitest";
import type { BusMessage, EventBus } from "./event-bus.ts";

export interface OpenedBus extends AsyncDisposable {
  readonly bus: EventBus;
  /** What the error listener was given. */
  readonly errors: readonly unknown[];
  /** Resolves once everything published so far has been handed over or dropped, as far as handlers let it. */
  settle(): Promise<void>;
}

export function testEventBusContract(name: string, open: () => Promise<OpenedBus>): void {
  describe(`event bus contract: ${name}`, () => {
    it("[E1] hands a message to every subscriber whose pattern fits, and to nobody else", async () => {
      await using opened = await open();
      const { bus, settle } = opened;
      const seen: Record<string, string[]> = {};
      for (const pattern of ["plan.changed", "plan.*", "*", "plan", "planner.*", "plan.changed.*"]) {
        seen[pattern] = [];
        bus.subscribe(pattern, ({ topic }) => void seen[pattern]?.push(topic));
      }
      for (const topic of ["plan.changed", "plan.task.done", "plan", "planner.idle", "plan.changed.again"]) bus.publish(topic, null);
      await settle();
      expect(seen).toEqual({
        "plan.changed": ["plan.changed"],
        "plan.*": ["plan.changed", "plan.task.done", "plan.changed.again"],
        "*": ["plan.changed", "plan.task.done", "plan", "planner.idle", "plan.changed.again"],
        plan: ["plan"],
        "planner.*": ["planner.idle"],
        "plan.changed.*": ["plan.changed.again"],
      });
    });

    it("[E1] carries JSON data unchanged", async () => {
      await using opened = await open();
      const payload = { text: "ä\u2028", list: [1, 2.5, null, true], nested: { deep: {} } };
      const seen: BusMessage[] = [];
      opened.bus.subscribe("a.b", (message) => void seen.push(message));
      opened.bus.publish("a.b", payload);
      await opened.settle();
      expect(seen).toEqual([{ topic: "a.b", payload }]);
    });

    it("[E2] does not replay what was published before the subscription, and publishing to nobody is fine", async () => {
      await using opened = await open();
      opened.bus.publish("a", 1);
      const seen: unknown[] = [];
      opened.bus.subscribe("a", ({ payload }) => void seen.push(payload));
      await opened.settle();
      expect(seen).toEqual([]);
    });

    it("[E3] returns from publish before a handler runs", async () => {
      await using opened = await open();
      const order: string[] = [];
      opened.bus.subscribe("a", () => void order.push("handled"));
      opened.bus.publish("a", 1);
      order.push("published");
      await opened.settle();
      expect(order).toEqual(["published", "handled"]);
    });

    it("[E4] gives a handler one message at a time, in the order of publishing", async () => {
      await using opened = await open();
      const order: string[] = [];
      opened.bus.subscribe("a", async ({ payload }) => {
        order.push(`begin ${String(payload)}`);
        await Promise.resolve();
        order.push(`end ${String(payload)}`);
      });
      for (const payload of [1, 2, 3]) opened.bus.publish("a", payload);
      await opened.settle();
      expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
    });

    it("[E5] drops the oldest of a slow subscriber, counts it, and lets nobody else wait", async () => {
      await using opened = await open();
      const { bus, settle } = opened;
      const gate = Promise.withResolvers<void>();
      const slow: unknown[] = [];
      const quick: unknown[] = [];
      const subscription = bus.subscribe(
        "a",
        async ({ payload }) => {
          await gate.promise;
          slow.push(payload);
        },
        { maxWaiting: 2 },
      );
      bus.subscribe("a", ({ payload }) => void quick.push(payload));
      bus.publish("a", 0);
      await settle();
      for (const payload of [1, 2, 3, 4, 5]) bus.publish("a", payload);
      await settle();
      expect(quick).toEqual([0, 1, 2, 3, 4, 5]);
      expect(subscription.dropped).toBe(3);
      gate.resolve();
      await settle();
      expect(slow).toEqual([0, 4, 5]);
    });

    it("[E6] reports what a handler throws and goes on", async () => {
      await using opened = await open();
      const failure = new Error("handler");
      const rejection = new Error("async handler");
      const seen: unknown[] = [];
      opened.bus.subscribe("a", ({ payload }) => {
        if (payload === 1) throw failure;
        seen.push(payload);
      });
      opened.bus.subscribe("a", async ({ payload }) => {
        if (payload === 1) throw rejection;
        seen.push(payload);
      });
      opened.bus.publish("a", 1);
      opened.bus.publish("a", 2);
      await opened.settle();
      expect(seen).toEqual([2, 2]);
      expect(new Set(opened.errors)).toEqual(new Set([failure, rejection]));
    });

    it("[E7] hands nothing over after a subscription has ended, and waits for its running handler", async () => {
      await using opened = await open();
      const gate = Promise.withResolvers<void>();
      const seen: string[] = [];
      const subscription = opened.bus.subscribe("a", async ({ payload }) => {
        seen.push(`begin ${String(payload)}`);
        await gate.promise;
        seen.push(`end ${String(payload)}`);
      });
      opened.bus.publish("a", 1);
      opened.bus.publish("a", 2);
      await opened.settle();
      const ended = subscription[Symbol.asyncDispose]().then(() => seen.push("ended"));
      opened.bus.publish("a", 3);
      gate.resolve();
      await ended;
      await opened.settle();
      expect(seen).toEqual(["begin 1", "end 1", "ended"]);
      await subscription[Symbol.asyncDispose]();
    });

    it("[E7] ends every subscription with the bus; publishing afterwards reaches nobody, subscribing is refused", async () => {
      await using opened = await open();
      const seen: unknown[] = [];
      opened.bus.subscribe("a", ({ payload }) => void seen.push(payload));
      await opened.bus[Symbol.asyncDispose]();
      opened.bus.publish("a", 1);
      await opened.settle();
      expect(seen).toEqual([]);
      expect(() => opened.bus.subscribe("a", () => undefined)).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
    });

    it("[E8] refuses malformed topics and patterns", async () => {
      await using opened = await open();
      for (const topic of ["", ".", "a.", ".a", "a..b", "a b", "a.*", "*", "ä", `${"a".repeat(65)}`, "a\n"]) {
        expect(() => opened.bus.publish(topic, 1), topic).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
      }
      for (const pattern of ["", "*.a", "a.*.b", "a*", "**", ".*"]) {
        expect(() => opened.bus.subscribe(pattern, () => undefined), pattern).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
      }
    });
  });
}
