// Opens everything durable in the data folder: store, blobs and logs. Whoever opens it disposes of it.

import { ARTIFACT_MIGRATIONS } from "@kos/artifact-manager";
import type { Blobs } from "@kos/blobs";
import { fileBlobs } from "@kos/blobs";
import type { KosConfig } from "@kos/config";
import type { Clock } from "@kos/kcore";
import { KCORE_MIGRATIONS } from "@kos/kcore";
import { type Store, sqliteStore } from "@kos/store";
import { createLogger, fanOutSink, type Logger, type LogSink, type LogStore } from "@kos/telemetry";
import { sqliteLogSink } from "@kos/telemetry/sqlite";
import { PROJECTOR_MIGRATIONS } from "./artifacts/artifact-projector.ts";
import type { DataFolder } from "./data/data-folder.ts";
import type { Identities } from "./identities.ts";

export interface Storage extends AsyncDisposable {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly logs: LogStore;
  readonly logger: Logger;
  /** Where records of child processes go. */
  readonly records: LogSink;
}

export interface StorageOptions {
  readonly folder: DataFolder;
  readonly config: KosConfig;
  readonly identities: Identities;
  readonly clock: Clock;
  /** Entry of the store's writer thread. */
  readonly writerEntry: URL;
  /** Where records of the node also go, for a person who watches it. */
  readonly watch: LogSink | undefined;
  /** Where all records also go, for those who listen from outside. */
  readonly topic: LogSink;
  /** Log trouble cannot be logged: it goes here. */
  readonly onLogError: (error: unknown) => void;
}

const DAY_MS = 86_400_000;

/** Errors: as of the store and the log store. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { folder, config, identities, clock } = options;
  await using opened = new AsyncDisposableStack();
  const logs = opened.use(
    sqliteLogSink({
      dir: folder.logs,
      now: clock.now,
      after: clock.after,
      onError: options.onLogError,
      maxFileBytes: config.logging.max_file_bytes,
      maxFiles: config.logging.max_files,
      maxAgeMs: config.retention.logs_days * DAY_MS,
    }),
  );
  const records = fanOutSink([logs, options.topic], options.onLogError);
  const sink = options.watch ? fanOutSink([records, options.watch], options.onLogError) : records;
  const logger = createLogger({ sink, level: config.logging.level, now: clock.now, agent: "node" });
  const blobs = opened.use(await fileBlobs(folder.blobs));
  const store = opened.use(
    await sqliteStore({
      path: folder.database,
      signer: { did: identities.node.did, privateKeySeed: identities.nodeSeed },
      migrations: [...KCORE_MIGRATIONS, ...ARTIFACT_MIGRATIONS, ...PROJECTOR_MIGRATIONS],
      now: () => new Date(clock.now()).toISOString(),
      writerEntry: options.writerEntry,
    }),
  );
  const owned = opened.move();
  return { store, blobs, logs, logger, records, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
