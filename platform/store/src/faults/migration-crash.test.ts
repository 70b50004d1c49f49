import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqliteStore } from "../sqlite-store.ts";
import { event, NOW, Owner, SIGNER } from "../store.fixture.ts";
import { COUNTS, migrationSteps } from "./migration-child.fixture.ts";
import { childScript, runInjected, straceMissing } from "./strace.fixture.ts";

const missing = straceMissing();
const CHILD = childScript("migration-child.fixture.ts");
const STEPS = 4;
const NOTES = 200;

let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "kos-migrate-"));
  await using store = await open(join(folder, "before", "kos.db"), 0);
  await (await Owner.claim(store.log)).append(
    [event("p", 1)],
    Array.from({ length: NOTES }, (_, id) => ({ op: "put" as const, table: "note", row: { id, name: `note ${id}` } })),
  );
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(path: string, steps: number) {
  return sqliteStore({ path, signer: SIGNER, migrations: migrationSteps(steps), now: NOW, threaded: false });
}

/** Which steps are done, once it is certain that each is done whole or not at all. */
function stepsDone(path: string): number {
  const database = new DatabaseSync(path);
  try {
    const done = database.prepare("SELECT version FROM store_migration WHERE owner = 'steps' ORDER BY version").all().length;
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'step%' ORDER BY name")
      .all()
      .map((row) => row["name"]);
    expect(tables).toEqual(Array.from({ length: done }, (_, index) => `step${index + 1}`));
    for (const count of COUNTS.slice(0, done)) expect(database.prepare(count).get()).toEqual({ count: NOTES });
    expect(database.prepare("SELECT DISTINCT size FROM note").all()).toEqual([{ size: done === 0 ? null : done }]);
    return done;
  } finally {
    database.close();
  }
}

describe.skipIf(missing !== undefined)(`killed in a migration${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  test("[R121] [M2] at any write, sync, rename or removal each step is done or undone, and the next start finishes the work", async () => {
    const ends = new Set<number>();
    let kills = 0;
    for (const [call, places] of Object.entries({ pwrite64: [9, 25, 60], fsync: [2, 5, 8], rename: [1], unlink: [1] })) {
      for (const at of places) {
        const path = join(folder, `${call}-${at}`, "kos.db");
        cpSync(join(folder, "before"), join(folder, `${call}-${at}`), { recursive: true });
        const run = await runInjected(CHILD, JSON.stringify({ path, steps: STEPS }), `${call}:signal=SIGKILL:when=${at}`);
        if (run.signal === "SIGKILL") kills++;
        ends.add(stepsDone(path));
        {
          await using store = await open(path, STEPS);
          expect(await store.log.readStream({ partition: 0, plan_id: "p" })).toHaveLength(1);
        }
        expect(stepsDone(path)).toBe(STEPS);
        for (const name of readdirSync(join(folder, `${call}-${at}`, "snapshots"))) {
          expect(name).toMatch(/\.db$/);
          const snapshot = new DatabaseSync(join(folder, `${call}-${at}`, "snapshots", name), { readOnly: true });
          expect(snapshot.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
          snapshot.close();
        }
      }
    }
    expect(kills).toBeGreaterThan(5);
    expect(ends.size).toBeGreaterThan(1);
  });

  test("[R121] [M4] the older program is refused once the newer one has run", async () => {
    const path = join(folder, "before", "kos.db");
    await (await open(path, STEPS))[Symbol.asyncDispose]();
    await expect(open(path, STEPS - 1)).rejects.toMatchObject({ code: "STORE_NEWER" });
    expect(stepsDone(path)).toBe(STEPS);
  });
});
