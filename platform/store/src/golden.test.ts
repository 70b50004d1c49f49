// Histories of released formats, in `golden/`. They are never written again; what they hold must load for ever.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { buildEvidence, type TreeHead, verifyEvidence } from "@kos/evidence";
import { createSigner } from "@kos/klp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditStore } from "./audit.ts";
import type { StoredEvent } from "./event-log.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, PUBLIC_KEY, SIGNER, TASK_TABLES } from "./store.fixture.ts";

interface Golden {
  readonly heads: readonly TreeHead[];
  readonly streams: Readonly<Record<string, readonly StoredEvent[]>>;
  readonly tasks: readonly unknown[];
}

const GOLDEN = join(import.meta.dirname, "..", "golden");
const NAMES = readdirSync(GOLDEN).flatMap((name) => (name.endsWith(".db.gz") ? [name.slice(0, -".db.gz".length)] : []));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kos-golden-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

test("[R114] there is a golden history of each format", () => expect(NAMES).toEqual(["v1", "v3"]));

test("[M2] [L15] a header that was damaged before its format changed does not stop the change, and is found when it is read", async () => {
  const path = join(folder, "damaged.db");
  writeFileSync(path, gunzipSync(readFileSync(join(GOLDEN, "v1.db.gz"))));
  const database = new DatabaseSync(path);
  database.exec("UPDATE log_event SET header = 'x' WHERE id = 4");
  database.exec("UPDATE log_event SET header = replace(header, 'task.succeeded', 'task.failed') WHERE id = 5");
  const planOf = database.prepare("SELECT plan_id, plan_seq FROM log_event JOIN log_stream USING (stream) WHERE id = ?");
  const damaged = [4, 5].map((id) => ({ ...planOf.get(id) }));
  database.close();
  await using store = await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
  for (const [index, { plan_id: planId, plan_seq: seq }] of damaged.entries()) {
    const read = store.log.readStream({ partition: 0, plan_id: String(planId), from_seq: Number(seq), limit: 1 });
    await expect(read).rejects.toMatchObject({ code: "INTERNAL", details: { partition: 0, position: 4 + index } });
  }
  expect(auditStore({ path, publicKey: PUBLIC_KEY, checkpoints: [] })).toMatchObject({ ok: false });
});

describe.each(NAMES)("golden history %s", (name) => {
  const expected = JSON.parse(readFileSync(join(GOLDEN, `${name}.json`), "utf8")) as Golden;

  test("[R114] is read as it was written, passes the audit, and goes on", async () => {
    const path = join(folder, `${name}.db`);
    writeFileSync(path, gunzipSync(readFileSync(join(GOLDEN, `${name}.db.gz`))));
    await using store = await sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });
    for (const [planId, events] of Object.entries(expected.streams)) {
      const fromSeq = events[0]?.plan_seq ?? 1;
      expect(await store.log.readStream({ partition: 0, plan_id: planId, from_seq: fromSeq })).toEqual(events);
    }
    const tasks = await store.tables.read<object>((query) =>
      query.selectFrom("task").select(["plan_id", "task_id", "state"]).orderBy("task_id"),
    );
    expect(tasks.map((row) => ({ ...row }))).toEqual(expected.tasks);
    for (const [index, partition] of [0, 9].entries()) expect(await store.log.head(partition)).toEqual(expected.heads[index]);
    expect(auditStore({ path, publicKey: PUBLIC_KEY, checkpoints: expected.heads })).toMatchObject({ ok: true });
    const owner = await Owner.claim(store.log);
    expect(await owner.append([event("plan-b", 91)])).toMatchObject({ outcome: "committed" });
    await store.log.head(0, { settle: true });
    await owner.append([]);
    expect(auditStore({ path, publicKey: PUBLIC_KEY, checkpoints: expected.heads })).toMatchObject({ ok: true });
    const signer = createSigner(SIGNER.privateKeySeed);
    const evidence = await buildEvidence({ log: store.log, node: SIGNER.did, signer, partition: 0, planId: "plan-a", createdAt: NOW() });
    expect(verifyEvidence(evidence, { publicKey: PUBLIC_KEY })).toMatchObject({ ok: true });
  });

  test("[R114] its evidence verifies", () => {
    const evidence = new Uint8Array(readFileSync(join(GOLDEN, `${name}.run.kos.json`)));
    expect(verifyEvidence(evidence, { publicKey: PUBLIC_KEY })).toMatchObject({ ok: true, run: { closed: true, events: 91 } });
  });
});
