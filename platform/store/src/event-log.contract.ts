// What every driver of the event log must do; the numbers are those of SPEC.md.

import { eventHeaderText, eventLeafHash, parseEventHeader, parseSalt, payloadCommitment, verifyTreeHead } from "@kos/evidence";
import { formatHash, makeMultiProof, parseHash, verifyMultiProof } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_PAYLOAD_CHARACTERS } from "./check-commit.ts";
import type { EventLog, RowChange, StoredEvent } from "./event-log.ts";
import { event, NOW, Owner, PUBLIC_KEY, putTask } from "./store.fixture.ts";
import type { Store } from "./tables.ts";

interface Task {
  readonly plan_id: string;
  readonly task_id: string;
  readonly state: string;
  readonly attempts: number | null;
  readonly data: Uint8Array | null;
}

export function testEventLogContract(name: string, open: () => Promise<Store>): void {
  describe(`event log contract: ${name}`, () => {
    it("[L1] an append that has resolved is there, with its rows", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const outcome = await owner.append([event("p", 1), event("p", 2)], [putTask("p", "a", "running")]);
      expect(outcome).toEqual({ outcome: "committed", version: 2 });
      expect(await seqs(store.log, "p")).toEqual([1, 2]);
      expect(await tasks(store)).toEqual(["p/a running"]);
    });

    it("[L1] a commit of rows alone, or of nothing, is a commit", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      expect(await owner.append([], [putTask("p", "a", "ready")])).toEqual({ outcome: "committed", version: 0 });
      expect(await owner.append([])).toEqual({ outcome: "committed", version: 0 });
      expect(await tasks(store)).toEqual(["p/a ready"]);
    });

    it("[L1] of a commit that is refused nothing is there: neither events nor rows", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const bad = owner.commitOf([event("p", 1), event("p", 3)], [putTask("p", "a", "ready")]);
      await expect(store.log.append(bad)).rejects.toMatchObject({ code: "CONFLICT" });
      const badRow = {
        ...bad,
        events: [event("p", 1)],
        rows: [putTask("p", "a", "ready"), { op: "put" as const, table: "note", row: { id: 1 } }],
      };
      await expect(store.log.append(badRow)).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await seqs(store.log, "p")).toEqual([]);
      expect(await tasks(store)).toEqual([]);
      expect(await store.log.append({ ...bad, events: [event("p", 1)], rows: [] })).toEqual({ outcome: "committed", version: 1 });
    });

    it("[L2] [R115] a claim fences every older owner, and what it sends is not written", async () => {
      await using store = await open();
      const first = await Owner.claim(store.log);
      await first.append([event("p", 1)]);
      const second = await Owner.claim(store.log);
      expect(second).toMatchObject({ epoch: first.epoch + 1, version: 1 });
      expect(await first.append([event("p", 2)], [putTask("p", "a", "late")])).toEqual({ outcome: "fenced", epoch: second.epoch });
      expect(await seqs(store.log, "p")).toEqual([1]);
      expect(await tasks(store)).toEqual([]);
      expect(await second.append([event("p", 2)])).toEqual({ outcome: "committed", version: 2 });
    });

    it("[L2] a claim between two appends fences the second, also when all three travel together", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const [before, claim, after] = await Promise.all([owner.append([event("p", 1)]), store.log.claim(0), owner.append([event("p", 2)])]);
      expect(before).toEqual({ outcome: "committed", version: 1 });
      expect(claim).toEqual({ epoch: owner.epoch + 1, version: 1 });
      expect(after).toEqual({ outcome: "fenced", epoch: claim.epoch });
    });

    it("[L2] an epoch that was never claimed is a mistake of the caller", async () => {
      await using store = await open();
      await expect(store.log.append({ partition: 0, epoch: 1, expected_version: 0, events: [], rows: [] })).rejects.toMatchObject({
        code: "CONFLICT",
      });
    });

    it("[L3] an append that expects another version is refused", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await owner.append([event("p", 1)]);
      for (const expectedVersion of [0, 2]) {
        const commit = { ...owner.commitOf([]), expected_version: expectedVersion, events: [event("p", 2)] };
        await expect(store.log.append(commit)).rejects.toMatchObject({ code: "CONFLICT", details: { version: 1 } });
      }
    });

    it("[L4] plan_seq runs from 1 without a gap, also within a commit and after a reopening of the stream's memory", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (const events of [[event("p", 2)], [event("p", 0)], [event("p", 1), event("p", 1)], [event("p", 1), event("p", 3)]]) {
        await expect(store.log.append({ ...owner.commitOf([]), events })).rejects.toMatchObject({ code: "CONFLICT" });
      }
      await owner.append([event("p", 1), event("q", 1), event("p", 2)]);
      const again = await Owner.claim(store.log);
      await expect(store.log.append({ ...again.commitOf([]), events: [event("p", 2)] })).rejects.toMatchObject({
        code: "CONFLICT",
        details: { last_seq: 2 },
      });
      await again.append([event("p", 3), event("q", 2)]);
      expect(await seqs(store.log, "p")).toEqual([1, 2, 3]);
    });

    it("[L5] appends take effect in the order of the calls, and positions have no gap", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const outcomes = await Promise.all(
        Array.from({ length: 300 }, (_, index) => owner.append([event(`p${index % 7}`, Math.floor(index / 7) + 1, { index })])),
      );
      expect(outcomes.map((outcome) => (outcome.outcome === "committed" ? outcome.version : -1))).toEqual(
        Array.from({ length: 300 }, (_, index) => index + 1),
      );
      const events = await store.log.readPartition({ partition: 0, from: 0, limit: 1000 });
      expect(events.map(({ position, payload }) => [position, payload])).toEqual(
        outcomes.map((_, index) => [index, JSON.stringify({ index })]),
      );
    });

    it("[L6] a refused commit does no harm to others that travel with it", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const good = owner.append([event("p", 1)], [putTask("p", "a", "one")]);
      const refused = store.log.append({ ...owner.commitOf([]), events: [event("p", 5)] });
      const broken = store.log.append({ ...owner.commitOf([]), rows: [{ op: "put", table: "note", row: { id: 1, name: null } }] });
      const alsoGood = owner.append([event("p", 2)], [putTask("p", "b", "two")]);
      await expect(refused).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(broken).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await good).toEqual({ outcome: "committed", version: 1 });
      expect(await alsoGood).toEqual({ outcome: "committed", version: 2 });
      expect(await seqs(store.log, "p")).toEqual([1, 2]);
      expect(await tasks(store)).toEqual(["p/a one", "p/b two"]);
    });

    it("[L7] a stream is read from a plan_seq on, as many events as asked for; an unknown one is empty", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (let seq = 1; seq <= 10; seq++) await owner.append([event("p", seq), event("other", seq)]);
      const read = async (query: { from_seq?: number; limit?: number }) =>
        (await store.log.readStream({ partition: 0, plan_id: "p", ...query })).map((stored) => stored.plan_seq);
      expect(await read({ from_seq: 4, limit: 3 })).toEqual([4, 5, 6]);
      expect(await read({ from_seq: 9 })).toEqual([9, 10]);
      expect(await read({ from_seq: 11 })).toEqual([]);
      expect(await read({ limit: 0 })).toEqual([]);
      expect(await store.log.readStream({ partition: 0, plan_id: "nobody" })).toEqual([]);
      expect(await store.log.readStream({ partition: 1, plan_id: "p" })).toEqual([]);
      const positions = (await store.log.readPartition({ partition: 0, from: 5, limit: 4 })).map((stored) => stored.position);
      expect(positions).toEqual([5, 6, 7, 8]);
      expect(await store.log.readPartition({ partition: 0, from: 20, limit: 4 })).toEqual([]);
    });

    it("[L7] what is read is what was written, byte for byte", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const payloads = ["{}", '{ "b" : 1,\n"a":2 }', '"\u0000"', '"\\u0000"', '"é\u2028𝄞"', '""', "null", "x".repeat(70_000)];
      await owner.append(payloads.map((payload, index) => ({ ...event("p", index + 1), type: `typ.é"${index}`, payload })));
      const events = await store.log.readStream({ partition: 0, plan_id: "p" });
      expect(events.map((stored) => stored.payload)).toEqual(payloads);
      expect(events[3]).toMatchObject({ partition: 0, position: 3, plan_id: "p", plan_seq: 4, type: 'typ.é"3', at: NOW() });
    });

    it("[L8] every header chains to the one before it in its stream and commits to its payload", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (let seq = 1; seq <= 5; seq++) await owner.append([event("p", seq), event("q", seq)]);
      const again = await Owner.claim(store.log);
      await again.append([event("p", 6), event("p", 7)]);
      expectWhole(await store.log.readStream({ partition: 0, plan_id: "p" }));
      expectWhole(await store.log.readStream({ partition: 0, plan_id: "q" }));
    });

    it("[L8] no two events have the same salt", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await Promise.all(Array.from({ length: 600 }, (_, index) => owner.append([event(`p${index}`, 1, {})])));
      const events = await store.log.readPartition({ partition: 0, from: 0, limit: 600 });
      expect(new Set(events.map((stored) => stored.salt)).size).toBe(600);
    });

    it("[L9] a settled head covers everything appended before, verifies, and its tree holds every event", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log, 2);
      // Sizes around a tile of 256 leaves, and groups of several sizes.
      for (const count of [1, 2, 250, 3, 256, 20]) {
        await Promise.all(Array.from({ length: count }, (_, index) => owner.append([event(`p${owner.version}-${index}`, 1)])));
        const head = await store.log.head(2, { settle: true });
        expect(head?.size).toBe(owner.version);
        expect(head !== undefined && verifyTreeHead(head, PUBLIC_KEY)).toBe(true);
        await expectIncluded(store.log, 2, head as NonNullable<typeof head>);
      }
    });

    it("[L9] a head is signed for its own log only, and an empty partition has none", async () => {
      await using store = await open();
      expect(await store.log.head(0)).toBeUndefined();
      expect(await store.log.head(0, { settle: true })).toBeUndefined();
      for (const partition of [0, 1]) await (await Owner.claim(store.log, partition)).append([event("p", 1)]);
      const [first, second] = await Promise.all([store.log.head(0, { settle: true }), store.log.head(1, { settle: true })]);
      expect(first?.log_id).not.toBe(second?.log_id);
    });

    it("[L9] a node that is not complete is not found", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      await owner.append([event("p", 1), event("p", 2), event("p", 3)]);
      for (const place of [
        { level: 0, index: 3 },
        { level: 1, index: 1 },
        { level: 2, index: 0 },
      ]) {
        await expect(store.log.nodes(0, [place])).rejects.toMatchObject({ code: "NOT_FOUND" });
      }
      expect(await store.log.nodes(0, [])).toEqual([]);
    });

    it("[L10] forgetting removes payload and salt of one stream, and every proof still holds", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (let seq = 1; seq <= 3; seq++) await owner.append([event("p", seq), event("q", seq)]);
      const before = await store.log.head(0, { settle: true });
      expect(await store.log.forget({ partition: 0, plan_id: "p" })).toBe(3);
      expect(await store.log.forget({ partition: 0, plan_id: "p" })).toBe(0);
      expect(await store.log.forget({ partition: 0, plan_id: "nobody" })).toBe(0);
      const events = await store.log.readStream({ partition: 0, plan_id: "p" });
      expect(events.map(({ payload, salt }) => [payload, salt])).toEqual(Array(3).fill([null, null]));
      expectWhole(await store.log.readStream({ partition: 0, plan_id: "q" }));
      expect(await store.log.head(0, { settle: true })).toEqual(before);
      await expectIncluded(store.log, 0, before as NonNullable<typeof before>);
      expect(await owner.append([event("p", 4)])).toMatchObject({ outcome: "committed" });
    });

    it("[L11] watchers are told of commits until they stop", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const seen: number[] = [];
      const stop = store.log.watch(({ version }) => void seen.push(version));
      await owner.append([event("p", 1)]);
      await owner.append([event("p", 2)]);
      stop();
      await owner.append([event("p", 3)]);
      expect(seen).toEqual([1, 2]);
    });

    it("[L12] partitions know nothing of each other", async () => {
      await using store = await open();
      const owners = await Promise.all([0, 1, 4095].map((partition) => Owner.claim(store.log, partition)));
      await Promise.all(owners.flatMap((owner) => [owner.append([event("same", 1)]), owner.append([event("same", 2)])]));
      await store.log.claim(1);
      expect(await owners[1]?.append([event("same", 3)])).toMatchObject({ outcome: "fenced" });
      expect(await owners[2]?.append([event("same", 3)])).toEqual({ outcome: "committed", version: 3 });
      expect((await store.log.readPartition({ partition: 0, from: 0, limit: 10 })).map((stored) => stored.position)).toEqual([0, 1]);
      expect((await store.log.readPartition({ partition: 4095, from: 2, limit: 10 })).map((stored) => stored.partition)).toEqual([4095]);
      for (const partition of [-1, 4096, 0.5]) await expect(store.log.claim(partition)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    });

    it("[L13] a put replaces the whole row, a delete removes it, and a missing row is no error", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const put = (row: object) => ({ op: "put" as const, table: "task", row: { plan_id: "p", task_id: "a", ...row } });
      await owner.append([], [put({ state: "running", attempts: 3, data: new Uint8Array([1, 0, 255]) })]);
      expect(await rows(store)).toEqual([{ plan_id: "p", task_id: "a", state: "running", attempts: 3, data: new Uint8Array([1, 0, 255]) }]);
      await owner.append([], [put({ attempts: 4 })]);
      expect(await rows(store)).toEqual([{ plan_id: "p", task_id: "a", state: "pending", attempts: 4, data: null }]);
      const remove = { op: "delete" as const, table: "task", key: { task_id: "a", plan_id: "p" } };
      await owner.append([], [remove, remove]);
      expect(await rows(store)).toEqual([]);
    });

    it("[L13] of many changes to one key the last one counts, however the commits were grouped", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      let runs = 0;
      const anyChange = fc.record({
        op: fc.constantFrom("put" as const, "delete" as const),
        task: fc.constantFrom("a", "b", "c"),
        state: fc.string({ maxLength: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(anyChange, { maxLength: 5 }), { maxLength: 8 }), async (commits) => {
          const planId = `run ${runs++}`;
          const expected = new Map<string, string>();
          const changes = commits.map((list) =>
            list.map(({ op, task, state }): RowChange => {
              if (op === "put") expected.set(task, state);
              else expected.delete(task);
              return op === "put" ? putTask(planId, task, state) : { op, table: "task", key: { plan_id: planId, task_id: task } };
            }),
          );
          await Promise.all(changes.map((list) => owner.append([], list)));
          const found = (await rows(store)).filter((row) => row.plan_id === planId);
          expect(new Map(found.map((row) => [row.task_id, row.state]))).toEqual(expected);
        }),
        { numRuns: 30 },
      );
    });

    it("[L13] rows that take over a unique value from each other settle as if written one by one", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const name = (id: number, value: string) => ({ op: "put" as const, table: "note", row: { id, name: value } });
      await owner.append([], [name(1, "x"), name(2, "y")]);
      await Promise.all([owner.append([], [name(2, "w")]), owner.append([], [name(1, "y")]), owner.append([], [name(2, "v")])]);
      const notes = await store.tables.read<{ id: number; name: string }>((query) =>
        query.selectFrom("note").select(["id", "name"]).orderBy("id"),
      );
      expect(notes.map(({ id, name: value }) => [id, value])).toEqual([
        [1, "y"],
        [2, "v"],
      ]);
    });

    it("[L14] a row for a table or column that is not there, or without its key, is refused before anything is written", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const bad = [
        { op: "put" as const, table: "nothing", row: { id: 1 } },
        { op: "put" as const, table: "task", row: { plan_id: "p", task_id: "a", state: "x", colour: "red" } },
        { op: "put" as const, table: "task", row: { plan_id: "p" } },
        { op: "delete" as const, table: "task", key: { plan_id: "p" } },
        { op: "put" as const, table: 'task" (plan_id) --', row: { id: 1 } },
      ];
      for (const change of bad)
        await expect(store.log.append({ ...owner.commitOf([]), events: [event("p", 1)], rows: [change] })).rejects.toMatchObject({
          code: "BAD_REQUEST",
        });
      expect(await seqs(store.log, "p")).toEqual([]);
    });

    it("[L14] [R68] the store's own tables are nobody else's to write", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (const table of ["log_event", "LOG_event", "store_migration", "sqlite_schema"]) {
        const change = { op: "put" as const, table, row: { id: 1 } };
        await expect(store.log.append({ ...owner.commitOf([]), rows: [change] })).rejects.toMatchObject({ code: "FORBIDDEN" });
      }
    });

    it("[L14] text without a UTF-8 form, empty fields and oversized payloads are refused", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const bad = [{ payload: '"\ud800"' }, { type: "\udc00" }, { type: "" }, { tenant: "" }, { plan_id: "" }, { at: "" }];
      for (const change of bad) {
        const commit = {
          ...owner.commitOf([]),
          events: [event("p", 1), { ...event("p", 2), ...change, plan_seq: change.plan_id === "" ? 1 : 2 }],
        };
        await expect(store.log.append(commit)).rejects.toMatchObject({ code: "BAD_REQUEST" });
      }
      const large = { ...owner.commitOf([]), events: [{ ...event("p", 1), payload: "x".repeat(MAX_PAYLOAD_CHARACTERS + 1) }] };
      await expect(store.log.append(large)).rejects.toMatchObject({ code: "TOO_LARGE" });
      expect(await seqs(store.log, "p")).toEqual([]);
    });
  });
}

async function seqs(log: EventLog, planId: string): Promise<number[]> {
  return (await log.readStream({ partition: 0, plan_id: planId })).map((stored) => stored.plan_seq);
}

function rows(store: Store): Promise<readonly Task[]> {
  return store.tables
    .read<Task>((query) => query.selectFrom("task").selectAll().orderBy("plan_id").orderBy("task_id"))
    .then((found) => found.map((row) => ({ ...row })));
}

async function tasks(store: Store): Promise<string[]> {
  return (await rows(store)).map((row) => `${row.plan_id}/${row.task_id} ${row.state}`);
}

function expectWhole(events: readonly StoredEvent[]): void {
  let prev: string | null = null;
  for (const [index, stored] of events.entries()) {
    const header = parseEventHeader(stored.header);
    expect(eventHeaderText(header)).toBe(stored.header);
    expect(header).toMatchObject({
      plan_id: stored.plan_id,
      plan_seq: index + 1,
      partition: stored.partition,
      type: stored.type,
      at: stored.at,
      prev,
    });
    expect(payloadCommitment(parseSalt(stored.salt ?? "") ?? new Uint8Array(), stored.payload ?? "")).toBe(header.payload_commitment);
    prev = formatHash(eventLeafHash(stored.header));
  }
}

/** Proves some events of the partition with nodes of the driver, as evidence does. */
async function expectIncluded(log: EventLog, partition: number, head: { readonly size: number; readonly root: string }): Promise<void> {
  const events = await log.readPartition({ partition, from: 0, limit: head.size });
  const chosen = events.filter(({ position }) => position % 5 === 0 || position === head.size - 1);
  const places: { level: number; index: number }[] = [];
  const collect = () =>
    makeMultiProof(
      chosen.map((stored) => stored.position),
      head.size,
      (level, index) => {
        places.push({ level, index });
        return new Uint8Array(32);
      },
    );
  collect();
  const nodes = await log.nodes(partition, places);
  let next = 0;
  const proof = makeMultiProof(
    chosen.map((stored) => stored.position),
    head.size,
    () => nodes[next++] ?? new Uint8Array(),
  );
  const leaves = new Map(chosen.map((stored) => [stored.position, eventLeafHash(stored.header)]));
  expect(verifyMultiProof(leaves, head.size, proof, parseHash(head.root))).toBe(true);
}
