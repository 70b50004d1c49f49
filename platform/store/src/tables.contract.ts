// What every driver of the tables must do; the numbers are those of SPEC.md.

import { describe, expect, it } from "vitest";
import { event, Owner, putTask } from "./store.fixture.ts";
import type { Statement, Store } from "./tables.ts";

interface Note {
  readonly id: number;
  readonly name: string;
  readonly size: number | null;
}

export function testTablesContract(name: string, open: () => Promise<Store>): void {
  describe(`tables contract: ${name}`, () => {
    it("[T1] a write that has resolved is read at once, and says how many rows each statement changed", async () => {
      await using store = await open();
      expect(
        await store.tables.write([
          insert(1, "a", 0.5),
          insert(2, "b", null),
          { sql: "UPDATE note SET size = ? WHERE id > ?", parameters: [2.25, 0] },
        ]),
      ).toEqual([1, 1, 2]);
      expect(await notes(store)).toEqual([
        { id: 1, name: "a", size: 2.25 },
        { id: 2, name: "b", size: 2.25 },
      ]);
      expect(await store.tables.write([])).toEqual([]);
    });

    it("[T1] values come back as they were written: texts, whole and broken numbers, nulls, bytes", async () => {
      await using store = await open();
      const data = new Uint8Array([0, 1, 255]);
      await store.tables.write([
        {
          sql: "INSERT INTO task (plan_id, task_id, attempts, data) VALUES (?, ?, ?, ?)",
          parameters: ["é\u0000𝄞", "", Number.MAX_SAFE_INTEGER, data],
        },
      ]);
      const [row] = await store.tables.read((query) => query.selectFrom("task").selectAll());
      expect({ ...(row as object) }).toEqual({
        plan_id: "é\u0000𝄞",
        task_id: "",
        state: "pending",
        attempts: Number.MAX_SAFE_INTEGER,
        data,
      });
    });

    it("[T2] the statements of a write take effect together or not at all", async () => {
      await using store = await open();
      await store.tables.write([insert(1, "a", null)]);
      await expect(store.tables.write([insert(2, "b", null), insert(3, "a", null)])).rejects.toMatchObject({ code: "CONFLICT" });
      expect((await notes(store)).map((note) => note.id)).toEqual([1]);
    });

    it("[T2] a refused write does no harm to others, nor to appends, that travel with it", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const outcomes = await Promise.allSettled([
        store.tables.write([insert(1, "a", null)]),
        store.tables.write([insert(2, "a", null)]),
        owner.append([event("p", 1)], [putTask("p", "x", "ready")]),
        store.tables.write([insert(3, "c", null)]),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect((await notes(store)).map((note) => note.id)).toEqual([1, 3]);
      expect(await store.log.readStream({ partition: 0, plan_id: "p" })).toHaveLength(1);
    });

    it("[T3] writes and row changes of commits take effect in the order of the calls", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const setState = (state: string): Statement => ({ sql: "UPDATE task SET state = ? WHERE state <> ?", parameters: [state, "done"] });
      const [, changed] = await Promise.all([
        owner.append([], [putTask("p", "a", "one"), putTask("p", "b", "done")]),
        store.tables.write([setState("two")]),
        owner.append([], [putTask("p", "c", "three")]),
      ]);
      expect(changed).toEqual([1]);
      const states = await store.tables.read<{ task_id: string; state: string }>((query) =>
        query.selectFrom("task").select(["task_id", "state"]).orderBy("task_id"),
      );
      expect(states.map((row) => `${row.task_id} ${row.state}`)).toEqual(["a two", "b done", "c three"]);
    });

    it("[T4] parameters are never part of the statement's text", async () => {
      await using store = await open();
      const hostile = `'; DROP TABLE note; --"\\`;
      await store.tables.write([insert(1, hostile, null)]);
      const found = await store.tables.read<Note>((query) => query.selectFrom("note").selectAll().where("name", "=", hostile));
      expect(found).toHaveLength(1);
    });

    it("[T5] what is not a plain query or change of the caller's tables is refused", async () => {
      await using store = await open();
      const forbidden = [
        "PRAGMA synchronous = OFF",
        "ATTACH ':memory:' AS other",
        "BEGIN",
        "COMMIT",
        "DROP TABLE note",
        "CREATE TABLE other (id INTEGER)",
        "ALTER TABLE note ADD COLUMN extra TEXT",
        "CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM note; END",
        "DELETE FROM store_migration",
      ];
      for (const sql of forbidden)
        await expect(store.tables.write([{ sql, parameters: [] }]), sql).rejects.toMatchObject({ code: "FORBIDDEN" });
      await store.tables.write([insert(1, "a", null)]);
      expect(await notes(store)).toHaveLength(1);
    });

    it("[T5] a statement with an error is refused by code, and the store goes on", async () => {
      await using store = await open();
      for (const sql of ["SELEC 1", "INSERT INTO nothing VALUES (1)", "UPDATE note SET colour = 1", ""]) {
        await expect(store.tables.write([{ sql, parameters: [] }]), sql).rejects.toMatchObject({ code: "BAD_REQUEST" });
      }
      await expect(store.tables.write([{ sql: "DELETE FROM note WHERE id = ?", parameters: [{} as never] }])).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
      await expect(store.tables.read((query) => query.selectFrom("nothing").selectAll())).rejects.toMatchObject({ code: "BAD_REQUEST" });
      expect(await store.tables.write([insert(1, "a", null)])).toEqual([1]);
    });

    it("[T6] a query sees whole commits only", async () => {
      await using store = await open();
      const owner = await Owner.claim(store.log);
      const writing = Promise.all(
        Array.from({ length: 50 }, (_, index) => owner.append([], [putTask("p", "a", `${index}`), putTask("p", "b", `${index}`)])),
      );
      for (let look = 0; look < 20; look++) {
        const states = await store.tables.read<{ state: string }>((query) => query.selectFrom("task").select("state"));
        expect(new Set(states.map((row) => row.state)).size).toBeLessThanOrEqual(1);
        await store.log.readPartition({ partition: 0, from: 0, limit: 1 });
      }
      await writing;
    });
  });
}

function insert(id: number, name: string, size: number | null): Statement {
  return { sql: "INSERT INTO note (id, name, size) VALUES (?, ?, ?)", parameters: [id, name, size] };
}

async function notes(store: Store): Promise<readonly Note[]> {
  const found = await store.tables.read<Note>((query) => query.selectFrom("note").selectAll().orderBy("id"));
  return found.map((note) => ({ ...note }));
}
