/** The public face of the store. */

export { type AuditOptions, type AuditReport, auditStore, type PartitionAudit } from "./audit.ts";
export type { AuditFinding } from "./audit-finding.ts";
export { MAX_PARTITIONS, MAX_PAYLOAD_CHARACTERS } from "./check-commit.ts";
export { type CheckpointOutcome, keepCheckpoint, readCheckpoints } from "./checkpoint-file.ts";
export type {
  Claim,
  ColumnValue,
  Commit,
  CommitOutcome,
  Damage,
  EventLog,
  NewEvent,
  RowChange,
  StoredEvent,
  StreamQuery,
} from "./event-log.ts";
export { type LogSigner, type LogSignerSeed, openLogSigner } from "./log-signer.ts";
export { MemoryLog, type MemoryLogOptions } from "./memory-log.ts";
export { MemoryRows, type RowSink } from "./memory-rows.ts";
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from "./memory-store.ts";
export { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
export type { Migration, Statement, Store, Tables } from "./tables.ts";
export type { After } from "./writer-port.ts";
