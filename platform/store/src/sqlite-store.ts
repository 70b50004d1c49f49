// The SQLite driver: opens the file, brings its schema up to date, starts the writer, and puts both ports on it.

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { KosError } from "@kos/klp";
import type { CommitOutcome, EventLog } from "./event-log.ts";
import { type GateOutcome, GroupGate } from "./group-gate.ts";
import { type LogSignerSeed, openLogSigner } from "./log-signer.ts";
import { isStoreOrEmpty, migrate } from "./migrations.ts";
import { takeSnapshot } from "./snapshot.ts";
import { allowReclaim, openReadConnection, openWriteConnection } from "./sqlite-connection.ts";
import { SqliteLogReader } from "./sqlite-log-reader.ts";
import { LOG_MIGRATIONS } from "./sqlite-log-schema.ts";
import { FORGET_EVENTS } from "./sqlite-log-writer.ts";
import { sqliteTables } from "./sqlite-tables.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import type { Migration, Store } from "./tables.ts";
import { startWriterThread } from "./threaded-writer-port.ts";
import type { WriteItem } from "./write-item.ts";
import { type After, IdleWatch, inlineWriterPort, type WriterPort } from "./writer-port.ts";

/** SQLite's own default, which nothing here changes. */
const PAGE_BYTES = 4096;

export interface SqliteStoreOptions {
  /** The database file; its folder is made when missing. Snapshots go to `snapshots/` beside it. */
  readonly path: string;
  readonly signer: LogSignerSeed;
  /** Of all owners; the log's own come first. */
  readonly migrations: readonly Migration[];
  /** RFC 3339 UTC. */
  readonly now: () => string;
  /** Whether the writer has a thread of its own, as in a node. Default true. */
  readonly threaded?: boolean;
  /** Entry file of the writer thread: a bundle's, or by default the source beside this file. */
  readonly writerEntry?: URL;
  /** Snapshots kept. Default 3. */
  readonly keepSnapshots?: number;
  /** Quiet time after which heads are stored and the write-ahead log is moved into the file. Default 200. */
  readonly idleAfterMs?: number;
  /** Timer of the writer when it has no thread of its own. Without one nothing happens in quiet moments, only when the store is disposed of. */
  readonly after?: After;
}

/**
 * Opens the store; the caller disposes of it.
 * @throws KosError STORE_NEWER, CONFLICT (another node's store, an edited migration), BAD_REQUEST (not a store), IDENTITY_MISMATCH, STORAGE_FULL,
 * UNAVAILABLE, INTERNAL (damaged file).
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  openLogSigner(options.signer);
  prepareFile(options);
  const port = await startWriter(options);
  return storeOn(options.path, options.signer.did, port);
}

/** Both ports over a writer that is already running on the file. */
export function storeOn(path: string, nodeDid: string, port: WriterPort): Store {
  const reading = openReadConnection(path);
  const listeners = new Set<Parameters<EventLog["watch"]>[0]>();
  const gate = new GroupGate(port, (items, outcomes) => {
    if (listeners.size === 0) return;
    for (const [partition, version] of newVersions(items, outcomes))
      for (const listener of listeners) {
        // In a turn of its own: what a listener throws is not the commit's trouble.
        queueMicrotask(() => listener({ partition, version }));
      }
  });
  const reader = new SqliteLogReader(reading, nodeDid, (damage) => {
    // Best effort: the reader is told of the damage in any case, and finds it again next time.
    gate.submit({ kind: "damage", damage }).catch(() => undefined);
  });
  const log: EventLog = {
    claim: (partition) => gate.submit({ kind: "claim", partition }),
    append: (commit) => gate.submit({ kind: "append", commit }),
    readStream: async (query) => reader.stream(query),
    readPartition: async (query) => reader.partition(query),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    head: async (partition, { settle = false } = {}) => (settle ? gate.submit({ kind: "head", partition }) : reader.head(partition)),
    nodes: async (partition, places) => reader.nodes(partition, places),
    damage: async () => reader.damage(),
    async forget({ partition, plan_id }) {
      for (let forgotten = 0; ; ) {
        const count = await gate.submit({ kind: "forget", partition, plan_id });
        forgotten += count;
        if (count < FORGET_EVENTS) return forgotten;
      }
    },
    cut: (partition) => gate.submit({ kind: "cut", partition }),
  };
  return {
    log,
    tables: sqliteTables(reading, gate),
    reclaim: (maxBytes = 0) => gate.submit({ kind: "reclaim", pages: Math.ceil(maxBytes / PAGE_BYTES) }),
    async [Symbol.asyncDispose]() {
      await gate.drained();
      await port.close();
      reading.close();
    },
  };
}

/** The version each partition has reached with a group. */
function newVersions(items: readonly WriteItem[], outcomes: readonly GateOutcome[]): Map<number, number> {
  const versions = new Map<number, number>();
  for (const [index, item] of items.entries()) {
    const outcome = outcomes[index];
    if (item.kind !== "append" || item.commit.events.length === 0 || outcome === undefined || outcome instanceof Error) continue;
    const { value } = outcome as { readonly value: CommitOutcome };
    if (value.outcome === "committed") versions.set(item.commit.partition, value.version);
  }
  return versions;
}

function prepareFile(options: SqliteStoreOptions): void {
  refuseForeign(options.path);
  const database = openWriteConnection(options.path);
  try {
    allowReclaim(database);
    migrate(database, [...LOG_MIGRATIONS, ...options.migrations], {
      beforeFirst: () => void takeSnapshot(database, join(dirname(options.path), "snapshots"), options.now(), options.keepSnapshots ?? 3),
      now: options.now,
    });
    database.prepare("INSERT OR IGNORE INTO log_origin (id, node_did) VALUES (1, ?)").run(options.signer.did);
    const founder = database.prepare("SELECT node_did FROM log_origin").get()?.["node_did"];
    if (founder !== options.signer.did) {
      throw new KosError("CONFLICT", `This store belongs to the node ${founder}. Start that node, or choose another data folder.`);
    }
  } finally {
    database.close();
  }
}

/** Looks without writing: a database that is not ours stays as it is. */
function refuseForeign(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  const database = openReadConnection(path);
  try {
    if (isStoreOrEmpty(database)) return;
  } finally {
    database.close();
  }
  throw new KosError("BAD_REQUEST", `${path} was not made by kOS: it has no version table. Choose another data folder.`);
}

async function startWriter(options: SqliteStoreOptions): Promise<WriterPort> {
  const { path, signer, idleAfterMs = 200 } = options;
  if (options.threaded ?? true) {
    const entry = options.writerEntry ?? new URL("./writer-thread.ts", import.meta.url);
    return startWriterThread(entry, { path, signer, idleAfterMs });
  }
  const writer = new SqliteWriter(openWriteConnection(path), openLogSigner(signer));
  return inlineWriterPort(writer, new IdleWatch(writer, options.after, idleAfterMs));
}
