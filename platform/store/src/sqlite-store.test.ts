import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEventLogContract } from "./event-log.contract.ts";
import { testLogCutContract } from "./log-cut.contract.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { NOW, SIGNER, TASK_TABLES } from "./store.fixture.ts";
import { testTablesContract } from "./tables.contract.ts";
import type { Store } from "./tables.ts";

for (const threaded of [true, false]) {
  const name = threaded ? "SQLite, writer in a thread" : "SQLite, writer inline";
  const open = () => openTemporary(threaded);
  testEventLogContract(name, open);
  testLogCutContract(name, open);
  testTablesContract(name, open);
}

/** A store in a folder of its own that goes with it. */
async function openTemporary(threaded: boolean): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "kos-store-"));
  const store = await sqliteStore({ path: join(folder, "kos.db"), signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
