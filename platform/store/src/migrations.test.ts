import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, SIGNER, TASK_TABLES } from "./store.fixture.ts";
import type { Migration, Store } from "./tables.ts";

const SECOND: Migration = {
  owner: "test",
  version: 2,
  statements: ["ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'", "CREATE INDEX note_colour ON note (colour)"],
};

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kos-migrate-"));
  path = join(folder, "kos.db");
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(migrations: readonly Migration[], options: Partial<Parameters<typeof sqliteStore>[0]> = {}): Promise<Store> {
  return sqliteStore({ path, signer: SIGNER, migrations, now: NOW, threaded: false, ...options });
}

async function addNote(store: Store, id: number): Promise<void> {
  await store.tables.write([{ sql: "INSERT INTO note (id, name) VALUES (?, ?)", parameters: [id, `n${id}`] }]);
}

function snapshots(): string[] {
  return readdirSync(join(folder, "snapshots")).sort();
}

describe("migrations", () => {
  test("[M1] each step runs once, in order, and is recorded with its version", async () => {
    await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    await using store = await open([SECOND, ...TASK_TABLES]);
    await addNote(store, 1);
    expect((await store.tables.read((query) => query.selectFrom("note").select("colour"))).map((row) => ({ ...(row as object) }))).toEqual([
      { colour: "red" },
    ]);
    const versions = await store.tables.read<{ version: number }>((query) =>
      query.selectFrom("store_migration").select("version").where("owner", "=", "test").orderBy("version"),
    );
    expect(versions.map((row) => row.version)).toEqual([1, 2]);
  });

  test("[M1] opening again changes nothing", async () => {
    for (let round = 0; round < 3; round++) await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    expect(readdirSync(folder)).not.toContain("snapshots");
  });

  test("[M2] a step that fails leaves nothing behind, and the steps before it stay", async () => {
    await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    const broken: Migration = {
      owner: "test",
      version: 3,
      statements: ["CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO nothing VALUES (1)"],
    };
    await expect(open([...TASK_TABLES, SECOND, broken])).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await using store = await open([...TASK_TABLES, SECOND]);
    await expect(store.tables.read((query) => query.selectFrom("extra").selectAll())).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await addNote(store, 1);
  });

  test("[M3] a snapshot is taken before the first step that runs, and only as many are kept as asked for", async () => {
    {
      await using store = await open(TASK_TABLES);
      await addNote(store, 1);
      await (await Owner.claim(store.log)).append([event("p", 1)]);
    }
    await (await open([...TASK_TABLES, SECOND]))[Symbol.asyncDispose]();
    const [name = ""] = snapshots();
    const copy = new DatabaseSync(join(folder, "snapshots", name), { readOnly: true });
    expect(copy.prepare("SELECT count(*) AS count FROM note").get()).toEqual({ count: 1 });
    expect(copy.prepare("SELECT count(*) AS count FROM log_event").get()).toEqual({ count: 1 });
    expect(() => copy.prepare("SELECT colour FROM note")).toThrow();
    copy.close();
    expect(statSync(join(folder, "snapshots", name)).mode & 0o777).toBe(0o600);
    const steps = [...TASK_TABLES, SECOND];
    const later = [
      "CREATE TABLE a (id INTEGER PRIMARY KEY)",
      "CREATE TABLE b (id INTEGER PRIMARY KEY)",
      "CREATE TABLE c (id INTEGER PRIMARY KEY)",
    ];
    for (const [index, statement] of later.entries()) {
      steps.push({ owner: "test", version: index + 3, statements: [statement] });
      await (await open(steps, { now: () => `2026-11-2${index + 5}T13:00:00.000Z`, keepSnapshots: 2 }))[Symbol.asyncDispose]();
    }
    expect(snapshots()).toEqual(["2026-11-26T13-00-00.000Z.db", "2026-11-27T13-00-00.000Z.db"]);
  });

  test("[M3] two migrations within one tick of the clock do not overwrite each other's snapshot", async () => {
    await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    await (await open([...TASK_TABLES, SECOND]))[Symbol.asyncDispose]();
    await (
      await open([...TASK_TABLES, SECOND, { owner: "late", version: 1, statements: ["CREATE TABLE late (id INTEGER PRIMARY KEY) STRICT"] }])
    )[Symbol.asyncDispose]();
    expect(snapshots()).toHaveLength(2);
  });

  test("[M4] [R121] a database from a newer version is refused, and the message names both versions", async () => {
    await (await open([...TASK_TABLES, SECOND]))[Symbol.asyncDispose]();
    await expect(open(TASK_TABLES)).rejects.toMatchObject({
      code: "STORE_NEWER",
      details: { owner: "test", found: 2, known: 1 },
      message: /version 2.*up to 1/,
    });
    await using store = await open([...TASK_TABLES, SECOND]);
    await addNote(store, 1);
  });

  test("[M5] a step that was edited after it ran is refused", async () => {
    await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    const edited = TASK_TABLES.map((migration) => ({ ...migration, statements: [...migration.statements, "SELECT 1"] }));
    await expect(open(edited)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("[M5] a list with a gap or a repetition is refused before anything is written", async () => {
    await expect(open([...TASK_TABLES, { ...SECOND, version: 3 }])).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(open([...TASK_TABLES, ...TASK_TABLES])).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("[M6] a file that is no store of ours is refused and left as it is", async () => {
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE theirs (id INTEGER)");
    foreign.close();
    const before = readFileSync(path);
    await expect(open(TASK_TABLES)).rejects.toMatchObject({ code: "BAD_REQUEST", message: /not made by kOS/ });
    expect(readFileSync(path)).toEqual(before);
    rmSync(path);
    writeFileSync(
      path,
      "This is a text of more than a hundred bytes, and certainly no database; SQLite says so when it reads its first page, not before.",
    );
    await expect(open(TASK_TABLES)).rejects.toMatchObject({ code: "INTERNAL" });
  });

  test("[M7] the store of another node is refused", async () => {
    await (await open(TASK_TABLES))[Symbol.asyncDispose]();
    const { createSigner, encodeDidKey } = await import("@kos/klp");
    const privateKeySeed = new Uint8Array(32).fill(1);
    const stranger = { did: encodeDidKey(createSigner(privateKeySeed).publicKey), privateKeySeed };
    await expect(open(TASK_TABLES, { signer: stranger })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(open(TASK_TABLES, { signer: { ...SIGNER, privateKeySeed } })).rejects.toMatchObject({ code: "IDENTITY_MISMATCH" });
  });
});
