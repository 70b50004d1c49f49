import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { buildEvidence, verifyEvidence } from "@kos/evidence";
import { createSigner } from "@kos/klp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditStore } from "./audit.ts";
import { openWriteConnection } from "./sqlite-connection.ts";
import { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, PUBLIC_KEY, putTask, SIGNER, TASK_TABLES } from "./store.fixture.ts";
import type { Store } from "./tables.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kos-reopen-"));
  path = join(folder, "data", "kos.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  return sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false, ...options });
}

describe("a store that is opened again", () => {
  test("[L16] holds what it held: events, rows, versions, epochs and heads", async () => {
    let head: unknown;
    {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      for (let seq = 1; seq <= 600; seq++) void owner.append([event("p", seq)], [putTask("p", "a", `${seq}`)]);
      head = await store.log.head(0, { settle: true });
    }
    await using store = await open();
    expect(await store.log.head(0)).toEqual(head);
    expect(await store.log.claim(0)).toEqual({ epoch: 2, version: 600 });
    expect(await store.log.readStream({ partition: 0, plan_id: "p", from_seq: 600 })).toMatchObject([{ position: 599 }]);
    expect(await store.log.append({ partition: 0, epoch: 2, expected_version: 600, events: [event("p", 601)], rows: [] })).toMatchObject({
      version: 601,
    });
    expect(auditStore({ path, publicKey: PUBLIC_KEY })).toMatchObject({ ok: true });
  });

  test("[L16] what was appended before disposing is durable, though nobody waited for it", async () => {
    for (const threaded of [true, false]) {
      const store = await open({ threaded });
      const owner = await Owner.claim(store.log);
      const before = owner.version;
      const appends = Array.from({ length: 50 }, (_, index) => owner.append([event(`p${before}`, index + 1)]));
      await store[Symbol.asyncDispose]();
      expect((await Promise.all(appends)).every((outcome) => outcome.outcome === "committed")).toBe(true);
      await using again = await open();
      expect((await again.log.claim(0)).version).toBe(before + 50);
    }
  });

  test("[L9] a tail that a crash left without a head is checked and signed by the next owner", async () => {
    const store = await open({ idleAfterMs: 1_000_000 });
    const owner = await Owner.claim(store.log);
    for (let seq = 1; seq <= 3; seq++) await owner.append([event("p", seq)]);
    // As a crash leaves it: no idle time, no disposal.
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(folder, `kos.db${suffix}`));
    await store[Symbol.asyncDispose]();
    path = join(folder, "kos.db");
    expect(auditStore({ path, publicKey: PUBLIC_KEY }).partitions[0]).toMatchObject({ events: 3, signedSize: 2, finding: undefined });
    await using again = await open();
    await again.log.claim(0);
    expect((await again.log.head(0, { settle: true }))?.size).toBe(3);
    await again.log.claim(0);
    expect(auditStore({ path, publicKey: PUBLIC_KEY }).partitions[0]).toMatchObject({ signedSize: 3, finding: undefined });
  });

  test("[L9] heads are stored in a quiet moment, without another append", async () => {
    const timers: (() => void)[] = [];
    await using store = await open({ after: (_delayMs, task) => (timers.push(task), () => undefined) });
    const owner = await Owner.claim(store.log);
    await owner.append([event("p", 1)]);
    expect(await store.log.head(0)).toBeUndefined();
    // The first period saw work, the second did not.
    while (timers.length > 0) timers.shift()?.();
    expect((await store.log.head(0))?.size).toBe(1);
  });

  test("[L2] [R115] two writers on one file: the older owner is fenced, and what the younger wrote is seen", async () => {
    await using first = await open();
    const old = await Owner.claim(first.log);
    await old.append([event("p", 1)]);
    await using second = await open();
    const young = await Owner.claim(second.log);
    await young.append([event("p", 2), event("q", 1)]);
    expect(await old.append([event("p", 2)])).toEqual({ outcome: "fenced", epoch: young.epoch });
    const third = await Owner.claim(first.log);
    expect(third.version).toBe(3);
    expect(await third.append([event("p", 3), event("q", 2)])).toMatchObject({ outcome: "committed", version: 5 });
    expect(await young.append([event("p", 3)])).toMatchObject({ outcome: "fenced" });
    await third.append([]);
    expect(auditStore({ path, publicKey: PUBLIC_KEY })).toMatchObject({ ok: true });
  });

  test("[L10] what was forgotten is in no file any more", async () => {
    await using store = await open();
    const owner = await Owner.claim(store.log);
    for (let seq = 1; seq <= 20; seq++) await owner.append([event("p", seq, { secret: `canary-${seq}` }), event("q", seq)]);
    expect(await store.log.forget({ partition: 0, plan_id: "p" })).toBe(20);
    for (const suffix of ["", "-wal"]) {
      const bytes = existsSync(path + suffix) ? readFileSync(path + suffix) : Buffer.alloc(0);
      expect(bytes.includes("canary-"), suffix).toBe(false);
    }
  });

  test("[L17] [R43] the file and its companions are for their owner only", async () => {
    await using store = await open();
    await store.tables.write([{ sql: "INSERT INTO note (id, name) VALUES (1, 'a')", parameters: [] }]);
    expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
  });

  test("[R110] durability settings are read back: WAL, synchronous FULL", async () => {
    await (await open())[Symbol.asyncDispose]();
    const database = openWriteConnection(path);
    const pragma = (question: string) => Object.values(database.prepare(question).get() ?? {})[0];
    expect([
      pragma("PRAGMA journal_mode"),
      pragma("PRAGMA synchronous"),
      pragma("PRAGMA foreign_keys"),
      pragma("PRAGMA fullfsync"),
      pragma("PRAGMA secure_delete"),
    ]).toEqual(["wal", 2, 1, 1, 1]);
    database.close();
  });

  test("[L17] a place that cannot be written, or a file of another kind, is refused by code", async () => {
    writeFileSync(join(folder, "file"), "x");
    await expect(open({ path: join(folder, "file", "kos.db") })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(open({ path: folder })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  test("[L17] a writer thread whose entry is missing, or that dies, rejects what waits for it", async () => {
    await expect(open({ threaded: true, writerEntry: new URL("./no-such-file.ts", import.meta.url) })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  test("[E5] the store's log gives evidence that a stranger can check", async () => {
    await using store = await open();
    const owner = await Owner.claim(store.log, 3);
    for (let seq = 1; seq <= 300; seq++)
      void owner.append([event("p", seq, { seq }, seq === 300 ? "plan.finished" : "task.succeeded"), event(`q${seq}`, 1)]);
    const signer = createSigner(SIGNER.privateKeySeed);
    const bytes = await buildEvidence({ log: store.log, node: SIGNER.did, signer, partition: 3, planId: "p", createdAt: NOW() });
    expect(verifyEvidence(bytes, { publicKey: PUBLIC_KEY })).toMatchObject({ ok: true, run: { events: 300, closed: true } });
  });

  test("[L5] reads of a restart and of a proof stay few as the log grows", async () => {
    await using store = await open();
    const owner = await Owner.claim(store.log);
    for (let seq = 1; seq <= 3000; seq++) void owner.append([event(`p${seq % 10}`, Math.floor((seq - 1) / 10) + 1)]);
    await store.log.head(0, { settle: true });
    const database = new DatabaseSync(path, { readOnly: true });
    // Eleven full tiles of 256: one row each, however the events were grouped.
    expect(database.prepare("SELECT count(*) AS count FROM log_tile").get()).toEqual({ count: 11 });
    database.close();
  });
});
