// Writes the golden history of the current format, named after the newest migration of the store, into this folder. Run once per format, before its
// first release, and never again for the same one:
// node platform/store/golden/write-golden.ts

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { buildEvidence } from "@kos/evidence";
import { createSigner } from "@kos/klp";
import { sqliteStore } from "../src/sqlite-store.ts";
import { event, NOW, Owner, putTask, SIGNER, TASK_TABLES } from "../src/store.fixture.ts";

const NAME = "v3";

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kos-golden-"));
  const path = join(folder, "kos.db");
  const expected = await write(path);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = DELETE; VACUUM");
  database.close();
  writeFileSync(join(import.meta.dirname, `${NAME}.db.gz`), gzipSync(readFileSync(path), { level: 9 }));
  writeFileSync(join(import.meta.dirname, `${NAME}.json`), `${JSON.stringify(expected, null, 2)}\n`);
  rmSync(folder, { recursive: true });
}

/** Three streams over more than a tile of 256 events, one of them forgotten, one closed; a second partition; rows; several owners. */
async function write(path: string): Promise<unknown> {
  await using store = await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
  let owner = await Owner.claim(store.log);
  for (let round = 1; round <= 90; round++) {
    if (round === 40) owner = await Owner.claim(store.log);
    void owner.append([event("plan-a", round), event("plan-b", round, { text: `é𝄞 ${round}` })], [putTask("plan-a", `t${round % 5}`, `state ${round}`)]);
    await owner.append([event("plan-c", round)]);
  }
  await owner.append([event("plan-a", 91, { status: "succeeded" }, "plan.finished")]);
  await store.log.forget({ partition: 0, plan_id: "plan-c" });
  await (await Owner.claim(store.log, 9)).append([event("plan-d", 1, { other: "partition" })]);
  const heads = [await store.log.head(0, { settle: true }), await store.log.head(9, { settle: true })];
  const signer = createSigner(SIGNER.privateKeySeed);
  const evidence = await buildEvidence({ log: store.log, node: SIGNER.did, signer, partition: 0, planId: "plan-a", createdAt: NOW() });
  writeFileSync(join(import.meta.dirname, `${NAME}.run.kos.json`), evidence);
  return {
    heads,
    streams: {
      "plan-a": await store.log.readStream({ partition: 0, plan_id: "plan-a", from_seq: 88 }),
      "plan-b": await store.log.readStream({ partition: 0, plan_id: "plan-b", from_seq: 89 }),
      "plan-c": await store.log.readStream({ partition: 0, plan_id: "plan-c", from_seq: 90 }),
    },
    tasks: await store.tables.read((query) => query.selectFrom("task").select(["plan_id", "task_id", "state"]).orderBy("task_id")),
  };
}

await main();
