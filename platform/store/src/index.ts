/** The public face of the store. */

export { type AuditOptions, type AuditReport, auditStore, type PartitionAudit } from "./audit.ts";
export type { AuditFinding } from "./audit-finding.ts";
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
export type { LogSignerSeed } from "./log-signer.ts";
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from "./memory-store.ts";
export { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
export type { Migration, Statement, Store, Tables } from "./tables.ts";
export type { After } from "./writer-port.ts";
