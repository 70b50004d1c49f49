import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { logId, signTreeHead, type TreeHead, verifyLogCut, verifyTreeHead } from "@kos/evidence";
import { createSigner, parseHash, parseSignature } from "@kos/klp";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditStore } from "./audit.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { event, NOW, Owner, PUBLIC_KEY, SIGNER, TASK_TABLES } from "./store.fixture.ts";

const KEY = createSigner(SIGNER.privateKeySeed);
let folder: string;
let cutPath: string;
let wholePath: string;
let heads: TreeHead[];
let copies = 0;

const openAt = (path: string) => sqliteStore({ path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded: false });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kos-cut-"));
  cutPath = join(folder, "cut.db");
  wholePath = join(folder, "whole.db");
  heads = [];
  {
    await using store = await openAt(cutPath);
    const owner = await Owner.claim(store.log);
    for (const [plan, count] of [
      ["a", 300],
      ["b", 256],
      ["c", 90],
      ["open", 40],
      ["d", 30],
    ] as const) {
      await owner.append(Array.from({ length: count }, (_, index) => event(plan, index + 1)));
      heads.push((await store.log.head(0, { settle: true })) as TreeHead);
    }
  }
  copyFileSync(cutPath, wholePath);
  await using store = await openAt(cutPath);
  await store.log.claim(0);
  for (const plan of ["a", "b", "c"]) await store.log.forget({ partition: 0, plan_id: plan });
  const { size } = await store.log.cut(0);
  if (size !== 512) throw new RangeError(`the log was cut at ${size}`);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A copy, changed as somebody with the file but without the key would. */
function changed(path: string, change: (database: DatabaseSync) => void): string {
  const copy = join(folder, `copy-${copies++}.db`);
  copyFileSync(path, copy);
  const database = new DatabaseSync(copy);
  change(database);
  database.close();
  return copy;
}

function audit(path: string, checkpoints: readonly TreeHead[] = []) {
  const report = auditStore({ path, publicKey: PUBLIC_KEY, checkpoints });
  return { ok: report.ok, ...report.partitions[0] };
}

describe("audit of a log that was cut", () => {
  test("[A6] [R70] passes from the signed checkpoint on, and is held against heads kept outside", () => {
    expect(audit(cutPath, heads)).toMatchObject({
      ok: true,
      cutSize: 512,
      events: 716,
      signedSize: 716,
      payloadsRemoved: 134,
      finding: undefined,
    });
  });

  test("[A6] finds events that were deleted beyond the checkpoint, as in any log", () => {
    const path = changed(cutPath, (database) => database.exec("DELETE FROM log_event WHERE id = 650"));
    expect(audit(path).finding).toMatchObject({ position: 650, reason: "the event was deleted" });
  });

  test("[A6] takes a head of the right size for no permission to cut", () => {
    const head = signTreeHead(logId(SIGNER.did, 0), 512, parseHash(audit(wholePath) && rootAt(cutPath)), KEY.sign);
    expect(verifyTreeHead(head, PUBLIC_KEY)).toBe(true);
    expect(verifyLogCut(head, PUBLIC_KEY)).toBe(false);
    const path = changed(wholePath, (database) => {
      database.exec("DELETE FROM log_event WHERE id < 512");
      database.exec("DELETE FROM log_group WHERE id < 512");
      database.prepare("INSERT INTO log_cut VALUES (0, 512, ?, ?)").run(parseHash(head.root), parseSignature(head.signature) ?? null);
    });
    expect(audit(path).finding?.reason).toContain("did not sign the checkpoint");
  });

  test("[A6] finds a checkpoint that was moved, emptied or taken away, and hashes that were changed under it", () => {
    const moved = changed(cutPath, (database) => database.exec("UPDATE log_cut SET size = 256"));
    expect(audit(moved).finding?.reason).toContain("did not sign");
    const emptied = changed(cutPath, (database) => database.exec("UPDATE log_cut SET signature = zeroblob(64)"));
    expect(audit(emptied).finding?.reason).toContain("did not sign");
    const gone = changed(cutPath, (database) => database.exec("DELETE FROM log_cut"));
    expect(audit(gone).finding).toMatchObject({ position: 0, reason: "the event was deleted" });
    const tile = changed(cutPath, (database) =>
      database.exec("UPDATE log_tile SET root = zeroblob(32) WHERE id = (SELECT min(id) FROM log_tile)"),
    );
    expect(audit(tile).finding?.reason).toContain("hashes kept of removed events");
  });

  test("[A6] finds a head kept outside that covers another beginning", () => {
    const other = signTreeHead(logId(SIGNER.did, 0), 556, new Uint8Array(32).fill(1), KEY.sign);
    expect(audit(cutPath, [other]).finding?.reason).toContain("a checkpoint outside the data folder");
  });

  test("[L19] [A6] passes after any order of appending, forgetting and cutting, over commits of any size", async () => {
    const step = fc.record({
      kind: fc.constantFrom("append", "append", "append", "forget", "cut"),
      plan: fc.integer({ min: 0, max: 9 }),
      count: fc.integer({ min: 1, max: 150 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const path = join(folder, `run-${copies++}.db`);
        const seqs = new Map<string, number>();
        const forgotten = new Set<string>();
        {
          await using store = await openAt(path);
          const owner = await Owner.claim(store.log);
          for (const { kind, plan, count } of steps) {
            const name = `plan${plan}`;
            if (kind === "append" && !forgotten.has(name)) {
              const last = seqs.get(name) ?? 0;
              await owner.append(Array.from({ length: count }, (_, index) => event(name, last + index + 1)));
              seqs.set(name, last + count);
            } else if (kind === "forget") {
              await store.log.forget({ partition: 0, plan_id: name });
              forgotten.add(name);
            } else if (kind === "cut") await store.log.cut(0);
          }
          await store.log.cut(0);
          for (const [name, count] of seqs) {
            const events = await store.log.readStream({ partition: 0, plan_id: name });
            if (!forgotten.has(name)) expect(events).toHaveLength(count);
          }
          expect(await store.log.damage()).toEqual([]);
        }
        expect(audit(path).finding).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});

describe("space of a store", () => {
  test("[L20] that nothing holds any more is given back, a bounded part at a time", async () => {
    const path = join(folder, "space.db");
    await using store = await openAt(path);
    const owner = await Owner.claim(store.log);
    const payload = { text: "x".repeat(20_000) };
    for (let plan = 0; plan < 40; plan++)
      await owner.append(Array.from({ length: 20 }, (_, index) => event(`p${plan}`, index + 1, payload)));
    const full = await store.reclaim();
    expect(full.bytes).toBeGreaterThan(14_000_000);
    for (let plan = 0; plan < 40; plan++) await store.log.forget({ partition: 0, plan_id: `p${plan}` });
    let left = await store.reclaim();
    expect(left.freeBytes).toBeGreaterThan(12_000_000);
    const first = await store.reclaim(1_048_576);
    expect(left.freeBytes - first.freeBytes).toBeGreaterThanOrEqual(1_000_000);
    expect(left.freeBytes - first.freeBytes).toBeLessThan(2_000_000);
    while (left.freeBytes > 0) left = await store.reclaim(4_194_304);
    expect(left.bytes).toBeLessThan(full.bytes / 10);
    expect(statSync(path).size).toBe(left.bytes);
  });
});

function rootAt(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const root = database.prepare("SELECT root FROM log_cut").get()?.["root"] as Uint8Array;
  database.close();
  return `sha256:${Buffer.from(root).toString("hex")}`;
}
