/** The public face of the store. */

export { type AuditReport, auditStore } from "./audit.ts";

export { keepCheckpoint, readCheckpoints } from "./checkpoint-file.ts";
export type { Claim, Commit, EventLog, NewEvent, RowChange, StoredEvent } from "./event-log.ts";

export { type MemoryStore, memoryStore } from "./memory-store.ts";
export { sqliteStore } from "./sqlite-store.ts";
export type { Migration, Statement, Store, Tables } from "./tables.ts";
