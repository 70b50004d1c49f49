// The part of the power-cut suite that needs no strace: it cuts and spoils the write-ahead log itself.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLogSigner } from "../log-signer.ts";
import { openWriteConnection } from "../sqlite-connection.ts";
import { sqliteStore } from "../sqlite-store.ts";
import { SqliteWriter } from "../sqlite-writer.ts";
import { event, NOW, SIGNER, TASK_TABLES } from "../store.fixture.ts";
import { findLosses } from "./reopened-store.fixture.ts";

const COMMITS = 30;

let folder: string;
let database: Uint8Array;
/** The write-ahead log when commit n had been acknowledged. */
const logs: Uint8Array[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kos-wal-"));
  const path = join(folder, "kos.db");
  await (await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false }))[Symbol.asyncDispose]();
  const writer = new SqliteWriter(openWriteConnection(path), openLogSigner(SIGNER));
  writer.run([{ kind: "claim", partition: 0 }]);
  let version = 0;
  for (let number = 0; number < COMMITS; number++) {
    const perRound = (number % 3) + 1;
    const events = Array.from({ length: perRound }, (_, index) =>
      event(`plan-${number % 3}`, Math.floor(number / 3) * perRound + index + 1, { commit: number }),
    );
    const rows = [{ op: "put" as const, table: "note", row: { id: number, name: `note ${number}` } }];
    const [result] = writer.run([{ kind: "append", commit: { partition: 0, epoch: 1, expected_version: version, events, rows } }]);
    if (result?.ok !== true) throw new Error(`commit ${number} was refused`);
    writer.afterResults();
    version += perRound;
    logs.push(readFileSync(`${path}-wal`));
  }
  // Nothing was moved into the file meanwhile, so each log fits it.
  database = readFileSync(path);
  writer.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

async function reopen(log: Uint8Array, acknowledged: number): Promise<string[]> {
  const target = mkdtempSync(join(folder, "cut-"));
  writeFileSync(join(target, "kos.db"), database);
  writeFileSync(join(target, "kos.db-wal"), log);
  const problems = await findLosses(
    join(target, "kos.db"),
    Array.from({ length: acknowledged }, (_, number) => number),
  );
  rmSync(target, { recursive: true });
  return problems;
}

describe("a write-ahead log that is cut or spoilt", () => {
  test("[R110] cut at any byte after the last synced one: every acknowledged commit is there", async () => {
    const cut = fc.record({ commit: fc.integer({ min: 0, max: COMMITS - 2 }), part: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(cut, async ({ commit, part }) => {
        const synced = (logs[commit] as Uint8Array).length;
        const next = logs[commit + 1] as Uint8Array;
        expect(await reopen(next.subarray(0, synced + Math.floor((next.length - synced) * part)), commit + 1)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("[R110] any bytes in place of those after the last synced one do no harm", async () => {
    const spoil = fc.record({
      commit: fc.integer({ min: 0, max: COMMITS - 2 }),
      garbage: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
      at: fc.nat(5000),
    });
    await fc.assert(
      fc.asyncProperty(spoil, async ({ commit, garbage, at }) => {
        const synced = (logs[commit] as Uint8Array).length;
        const next = Uint8Array.from(logs[commit + 1] as Uint8Array);
        next.set(garbage.subarray(0, Math.max(0, next.length - synced - at)), Math.min(synced + at, next.length));
        expect(await reopen(next, commit + 1)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("[R110] the suite notices a cut before the last synced byte", async () => {
    const log = logs[COMMITS - 1] as Uint8Array;
    expect(await reopen(log.subarray(0, log.length - 1), COMMITS)).toEqual([`acknowledged commit ${COMMITS - 1} is gone`]);
  });
});
