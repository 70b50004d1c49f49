export type { Claim, ColumnValue, Commit, CommitOutcome, EventLog, NewEvent, RowChange, StoredEvent, StreamQuery, TreeHead } from "./event-log.ts";
export type { Migration, Statement, Store, Tables } from "./tables.ts";
