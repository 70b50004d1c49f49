// What every driver does when the beginning of its log is cut off; the numbers are those of SPEC.md.

import { eventLeafHash, verifyTreeHead } from "@kos/evidence";
import { makeMultiProof, parseHash, verifyMultiProof } from "@kos/klp";
import { describe, expect, it } from "vitest";
import type { EventLog } from "./event-log.ts";
import { event, Owner, PUBLIC_KEY } from "./store.fixture.ts";
import type { Store } from "./tables.ts";

/** `count` events over `streams` streams in turn, in commits of different sizes. */
async function fill(owner: Owner, count: number, streams: number): Promise<void> {
  let size = 1;
  for (const end = owner.version + count; owner.version < end; size = (size % 7) + 1) {
    const events = Array.from({ length: Math.min(size, end - owner.version) }, (_, index) => {
      const position = owner.version + index;
      return event(`p${position % streams}`, Math.floor(position / streams) + 1);
    });
    await owner.append(events);
  }
}

/** Whether the events at these positions are under the newest head. */
async function proven(log: EventLog, positions: readonly number[]): Promise<boolean> {
  const head = await log.head(0, { settle: true });
  if (head === undefined || !verifyTreeHead(head, PUBLIC_KEY)) return false;
  const leaves = new Map<number, Uint8Array>();
  for (const position of positions) {
    const [at] = await log.readPartition({ partition: 0, from: position, limit: 1 });
    if (at?.position !== position) return false;
    leaves.set(position, eventLeafHash(at.header));
  }
  const places: { level: number; index: number }[] = [];
  makeMultiProof(positions, head.size, (level, index) => {
    places.push({ level, index });
    return new Uint8Array(32);
  });
  const nodes = [...(await log.nodes(0, places))];
  return verifyMultiProof(
    leaves,
    head.size,
    makeMultiProof(positions, head.size, () => nodes.shift() ?? new Uint8Array(32)),
    parseHash(head.root),
  );
}

export function testLogCutContract(name: string, open: () => Promise<Store>): void {
  describe(`cutting a log: ${name}`, () => {
    it("[L19] removes nothing that has its payload, and nothing while there is nothing forgotten", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await fill(owner, 600, 3);
      expect(await store.log.cut(0)).toEqual({ size: 0, removed: 0 });
      await store.log.forget({ partition: 0, plan_id: "p1" });
      expect(await store.log.cut(0)).toEqual({ size: 0, removed: 0 });
      expect(await store.log.readStream({ partition: 0, plan_id: "p2" })).toHaveLength(200);
    });

    it("[L19] [R70] removes forgotten events from the beginning, and what is left is proven as before", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await owner.append(Array.from({ length: 700 }, (_, index) => event("old", index + 1)));
      await owner.append([event("kept", 1), event("kept", 2)]);
      await owner.append(Array.from({ length: 100 }, (_, index) => event("late", index + 1)));
      const before = await store.log.head(0, { settle: true });
      await store.log.forget({ partition: 0, plan_id: "old" });
      expect(await store.log.cut(0)).toEqual({ size: 512, removed: 512 });
      expect(await store.log.cut(0)).toEqual({ size: 512, removed: 0 });
      expect(await store.log.head(0, { settle: true })).toEqual(before);
      expect((await store.log.readStream({ partition: 0, plan_id: "kept" })).map(({ payload }) => payload)).toEqual(['{"n":1}', '{"n":2}']);
      // The rest of a stream that was cut through: without content, and no damage.
      const rest = await store.log.readStream({ partition: 0, plan_id: "old" });
      expect([rest.length, rest[0]?.plan_seq, rest.every(({ payload }) => payload === null)]).toEqual([188, 513, true]);
      expect((await store.log.readPartition({ partition: 0, from: 0, limit: 10 })).map(({ position }) => position)[0]).toBe(512);
      expect(await proven(store.log, [700, 701, 750])).toBe(true);
      expect(await store.log.damage()).toEqual([]);
    });

    it("[L19] goes on: appends, claims and further cuts are as without it", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (let round = 0; round < 4; round++) {
        const planId = `round${round}`;
        await owner.append(Array.from({ length: 300 }, (_, index) => event(planId, index + 1)));
        if (round > 0) await store.log.forget({ partition: 0, plan_id: `round${round - 1}` });
        await store.log.cut(0);
        const next = await Owner.claim(store.log);
        expect(next.version).toBe(owner.version);
        await next.append([event(planId, 301)]);
        expect(await store.log.readStream({ partition: 0, plan_id: planId })).toHaveLength(301);
        expect(await proven(store.log, [next.version - 1, next.version - 200])).toBe(true);
        await expect(owner.append([event(planId, 302)])).resolves.toMatchObject({ outcome: "fenced" });
        Object.assign(owner, { epoch: next.epoch, version: next.version });
      }
    });

    it("[L19] keeps the newest events, also when all of them are forgotten", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await fill(owner, 513, 1);
      await store.log.forget({ partition: 0, plan_id: "p0" });
      const { size } = await store.log.cut(0);
      expect(size % 256).toBe(0);
      expect(size).toBeLessThan(513);
      expect((await Owner.claim(store.log)).version).toBe(513);
    });
  });
}
