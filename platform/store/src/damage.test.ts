import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, SIGNER, TASK_TABLES } from "./store.fixture.ts";
import type { Store } from "./tables.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kos-damage-"));
  path = join(folder, "kos.db");
  await using store = await open();
  const owner = await Owner.claim(store.log);
  for (let seq = 1; seq <= 4; seq++) await owner.append([event("p", seq, { secret: `canary-${seq}` }), event("q", seq)]);
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(): Promise<Store> {
  return sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
}

/** Changes the file behind the store's back. In partition 0 the key of an event is its position; 4 is the third event of stream p. */
function change(...statements: string[]): void {
  const database = new DatabaseSync(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

const OTHER_PAYLOAD = "UPDATE log_event SET payload = '{}' WHERE id = 4";
const OTHER_HEADER = "UPDATE log_event SET type = 'task.failed' WHERE id = 4";

describe("damage found on reading", () => {
  const DAMAGED = { code: "INTERNAL", details: { partition: 0, position: 4, plan_id: "p" } };

  test("[R124] [L15] a flipped byte in the file is found when the event is read, and its place is named", async () => {
    const bytes = readFileSync(path);
    const at = bytes.indexOf("canary-3");
    expect(at).toBeGreaterThan(0);
    const file = openSync(path, "r+");
    writeSync(file, "K", at);
    closeSync(file);
    await using store = await open();
    await expect(store.log.readStream({ partition: 0, plan_id: "p" })).rejects.toMatchObject(DAMAGED);
    await expect(store.log.readPartition({ partition: 0, from: 0, limit: 10 })).rejects.toMatchObject(DAMAGED);
  });

  test("[R124] [L15] any change of payload, salt or header is found, whether the stream or the partition is read", async () => {
    const changes = [
      OTHER_PAYLOAD,
      OTHER_HEADER,
      "UPDATE log_event SET salt = zeroblob(16) WHERE id = 4",
      "UPDATE log_event SET salt = zeroblob(3) WHERE id = 4",
      "UPDATE log_event SET salt = NULL WHERE id = 4",
      "UPDATE log_event SET payload = NULL WHERE id = 4",
      "UPDATE log_event SET type = '' WHERE id = 4",
      "UPDATE log_event SET at = at || ' ' WHERE id = 4",
      "UPDATE log_event SET tenant = 'other' WHERE id = 4",
      "UPDATE log_event SET prev = zeroblob(32) WHERE id = 4",
      "UPDATE log_event SET prev = zeroblob(31) WHERE id = 4",
      "UPDATE log_event SET prev = NULL WHERE id = 4",
      "UPDATE log_event SET commitment = zeroblob(32) WHERE id = 4",
      "UPDATE log_event SET commitment = x'' WHERE id = 4",
      "UPDATE log_event SET plan_seq = 33 WHERE id = 4",
    ];
    change("CREATE TABLE kept AS SELECT * FROM log_event");
    for (const statement of changes) {
      const reads = [
        (store: Store) => store.log.readPartition({ partition: 0, from: 2, limit: 10 }),
        (store: Store) => store.log.readStream({ partition: 0, plan_id: "p" }),
      ];
      for (const read of reads) {
        // Without the mark that the other way of reading has left.
        change("DELETE FROM log_damage", "DELETE FROM log_event", "INSERT INTO log_event SELECT * FROM kept", statement);
        await using store = await open();
        const damaged = statement.includes("plan_seq = 33") ? { code: "INTERNAL" } : DAMAGED;
        await expect(read(store), statement).rejects.toMatchObject(damaged);
      }
    }
  });

  test("[R124] [L15] the header of the last event of a page is checked too, which no later event holds", async () => {
    change(OTHER_HEADER);
    await using store = await open();
    expect(await store.log.readStream({ partition: 0, plan_id: "p", limit: 2 })).toHaveLength(2);
    await expect(store.log.readStream({ partition: 0, plan_id: "p", limit: 3 })).rejects.toMatchObject(DAMAGED);
  });

  test("[R124] [L15] a damaged stream is quarantined: listed, and refused from then on; others are served", async () => {
    change(OTHER_PAYLOAD);
    {
      await using store = await open();
      await expect(store.log.readStream({ partition: 0, plan_id: "p" })).rejects.toMatchObject(DAMAGED);
      expect(await store.log.readStream({ partition: 0, plan_id: "q" })).toHaveLength(4);
    }
    await using store = await open();
    expect(await store.log.damage()).toEqual([{ partition: 0, position: 4, plan_id: "p", reason: expect.stringContaining("payload") }]);
    // Also the part of it that is whole, and by its mark alone.
    await expect(store.log.readStream({ partition: 0, plan_id: "p", limit: 1 })).rejects.toMatchObject(DAMAGED);
    expect(await store.log.readStream({ partition: 0, plan_id: "q" })).toHaveLength(4);
  });

  test("[L15] a partition whose end is damaged is not taken over", async () => {
    change(OTHER_HEADER);
    await using store = await open();
    await expect(store.log.claim(0)).rejects.toMatchObject({ code: "INTERNAL", details: { partition: 0, position: 4 } });
    expect(await store.log.claim(1)).toEqual({ epoch: 1, version: 0 });
  });

  test("[L15] a partition whose signed head is forged, or whose tree is another, is not taken over", async () => {
    const forgeries = [
      "UPDATE log_group SET signature = zeroblob(64) WHERE id = (SELECT max(id) FROM log_group)",
      "UPDATE log_group SET root = zeroblob(32) WHERE id = (SELECT max(id) FROM log_group)",
      "UPDATE log_group SET leaves = zeroblob(64) WHERE id = 2",
      "DELETE FROM log_group WHERE id = 2",
      "DELETE FROM log_event WHERE id = (SELECT max(id) FROM log_event)",
      "DELETE FROM log_event WHERE id = 5",
    ];
    change("CREATE TABLE kept_event AS SELECT * FROM log_event", "CREATE TABLE kept_group AS SELECT * FROM log_group");
    for (const forgery of forgeries) {
      change("DELETE FROM log_event", "DELETE FROM log_group");
      change("INSERT INTO log_event SELECT * FROM kept_event", "INSERT INTO log_group SELECT * FROM kept_group", forgery);
      await using store = await open();
      await expect(store.log.claim(0), forgery).rejects.toMatchObject({ code: "INTERNAL" });
    }
  });
});
