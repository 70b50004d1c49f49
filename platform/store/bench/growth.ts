// Cost of an append as the log grows: `node platform/store/bench/growth.ts [events]`. Prints the cost per event of each stretch against the first.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSigner, createUuidV7, encodeDidKey, randomBytes } from "@kos/klp";
import { sqliteStore } from "../src/index.ts";

const SEED = new Uint8Array(32).fill(7);
const DID = encodeDidKey(createSigner(SEED).publicKey);
const TABLES = [
  {
    owner: "bench",
    version: 1,
    statements: [
      "CREATE TABLE task (plan_id TEXT NOT NULL, task_id TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (plan_id, task_id)) STRICT, WITHOUT ROWID",
    ],
  },
];
const PAYLOAD = JSON.stringify({ result: "x".repeat(180) });
const CONCURRENCY = 64;
const STEPS_PER_PLAN = 10;

async function main(): Promise<void> {
  const total = Number(process.argv[2] ?? 1_000_000);
  const folder = mkdtempSync(join(tmpdir(), "kos-growth-"));
  const path = join(folder, "kos.db");
  const options = { path, signer: { did: DID, privateKeySeed: SEED }, migrations: TABLES, now: () => new Date().toISOString() };
  const store = await sqliteStore(options);
  const { epoch } = await store.log.claim(0);
  let version = 0;
  const newId = createUuidV7(Date.now, randomBytes);
  let base = 0;
  const marks = [1_000, 11_000, 30_000, 40_000, 100_000, 110_000, 300_000, 320_000, 600_000, 620_000, total - 20_000, total];
  let from = 0;
  for (const [index, until] of marks.entries()) {
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (version < until) {
          const planId = newId();
          for (let seq = 1; seq <= STEPS_PER_PLAN; seq++) {
            const event = {
              type: "task.succeeded",
              tenant: "local",
              plan_id: planId,
              plan_seq: seq,
              at: "2026-11-22T13:00:00.000Z",
              payload: PAYLOAD,
            };
            const row = { plan_id: planId, task_id: `step${seq}`, state: "succeeded" };
            await store.log.append({
              partition: 0,
              epoch,
              expected_version: version++,
              events: [event],
              rows: [{ op: "put", table: "task", row }],
            });
          }
        }
      }),
    );
    const cost = Number(process.hrtime.bigint() - start) / 1000 / (version - from);
    const used = process.cpuUsage(cpu);
    const cpuCost = (used.user + used.system) / (version - from);
    if (index === 1) base = cpuCost;
    console.log(
      `${from} to ${version}: ${cost.toFixed(1)} us, ${cpuCost.toFixed(1)} us of processor an event${base > 0 ? `, ${(cpuCost / base).toFixed(2)} x` : ""}, file ${(statSync(path).size / 1e6).toFixed(0)} MB`,
    );
    from = version;
  }
  await store[Symbol.asyncDispose]();
  let start = performance.now();
  const again = await sqliteStore(options);
  console.log(`opened with ${version} events in ${(performance.now() - start).toFixed(0)} ms`);
  start = performance.now();
  await again.log.claim(0);
  console.log(`claimed in ${(performance.now() - start).toFixed(1)} ms`);
  start = performance.now();
  await again.log.head(0, { settle: true });
  const places = Array.from({ length: 1000 }, (_, index) => ({
    level: index % 12,
    index: Math.floor(((index * 997) % version) / 2 ** (index % 12)),
  }));
  await again.log.nodes(0, places);
  console.log(`head and 1,000 scattered nodes in ${(performance.now() - start).toFixed(1)} ms`);
  await again[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}

await main();
