// A program that appends to a store and says on its output what was acknowledged: `ready`, then `ack <n>` for each commit, in the order of the answers.
// Run by the fault suites, which cut its power, fail its disk or kill it. Usage: node append-child.fixture.ts '{"path": …, "commits": …}'

import { writeSync } from "node:fs";
import { openLogSigner } from "../log-signer.ts";
import { openWriteConnection } from "../sqlite-connection.ts";
import { sqliteStore, storeOn } from "../sqlite-store.ts";
import { SqliteWriter } from "../sqlite-writer.ts";
import { event, NOW, Owner, SIGNER, TASK_TABLES } from "../store.fixture.ts";
import type { Store } from "../tables.ts";
import type { WriteItem, WriteResult } from "../write-item.ts";
import type { WriterPort } from "../writer-port.ts";

export interface AppendChildOptions {
  readonly path: string;
  readonly commits: number;
  /** Commits in flight at once. */
  readonly concurrency: number;
  readonly threaded?: boolean;
  /** A defect put in on purpose, which the suite must notice. */
  readonly plant?: "synchronous-off" | "early-reply";
  /** Goes on after a refusal, to show that nothing later is acknowledged. */
  readonly keepTrying?: boolean;
}

/** Quick, so that heads are stored and the write-ahead log is checkpointed many times within a short run. */
const IDLE_AFTER_MS = 2;

async function main(options: AppendChildOptions): Promise<void> {
  const store = await open(options);
  const owner = await Owner.claim(store.log);
  let next =
    (await store.tables.read<{ count: number }>((query) => query.selectFrom("note").select(query.fn.countAll().as("count"))))[0]?.count ??
    0;
  say("ready");
  const last = next + options.commits;
  const lane = async () => {
    while (next < last) {
      const number = next++;
      try {
        const outcome = await owner.append(eventsOf(number), [{ op: "put", table: "note", row: { id: number, name: `note ${number}` } }]);
        if (outcome.outcome === "committed") say(`ack ${number}`);
      } catch (error) {
        say(`refused ${number} ${(error as { code?: string }).code}`);
        if (options.keepTrying !== true) return;
      }
      // Now and then a pause, so that the idle work of the writer happens too.
      if (number % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 3 * IDLE_AFTER_MS));
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, lane));
  if (options.keepTrying === true) say(`read ${(await store.log.readPartition({ partition: 0, from: 0, limit: 1_000_000 })).length}`);
  say("done");
  // Neither closed nor flushed: what follows is for the suite to decide.
  process.exit(0);
}

/** One to three events, in three streams that never have a gap: the commit's number decides everything. */
function eventsOf(number: number) {
  const round = Math.floor(number / 3);
  const plan = number % 3;
  const perRound = plan + 1;
  return Array.from({ length: perRound }, (_, index) =>
    event(`plan-${plan}`, round * perRound + index + 1, { commit: number, text: "x".repeat(200) }),
  );
}

async function open({ path, threaded = false, plant }: AppendChildOptions): Promise<Store> {
  const options = { path, signer: SIGNER, migrations: TASK_TABLES, now: NOW, threaded, idleAfterMs: IDLE_AFTER_MS };
  if (plant === undefined) return sqliteStore(options);
  await (await sqliteStore({ ...options, threaded: false }))[Symbol.asyncDispose]();
  const connection = openWriteConnection(path);
  if (plant === "synchronous-off") connection.exec("PRAGMA synchronous = OFF");
  const writer = new SqliteWriter(connection, openLogSigner(SIGNER));
  return storeOn(path, SIGNER.did, plant === "early-reply" ? earlyReplies(writer) : plainPort(writer));
}

function plainPort(writer: SqliteWriter): WriterPort {
  return { run: async (items) => writer.run(items), close: async () => writer.close() };
}

/** Answers appends before their transaction has begun. */
function earlyReplies(writer: SqliteWriter): WriterPort {
  return {
    async run(items) {
      if (items.some((item) => item.kind !== "append")) return writer.run(items);
      setImmediate(() => void writer.run(items));
      return items.map(presumed);
    },
    close: async () => writer.close(),
  };
}

function presumed(item: WriteItem): WriteResult {
  if (item.kind !== "append") throw new TypeError("Only appends are answered early.");
  return { ok: true, value: { outcome: "committed", version: item.commit.expected_version + item.commit.events.length } };
}

/** Written before it returns. Starting a thread makes the output one that does not wait, so a reader that is slow is waited for here. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

await main(JSON.parse(process.argv[2] ?? "{}") as AppendChildOptions);
