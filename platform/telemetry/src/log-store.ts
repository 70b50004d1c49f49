// The port of kept logs: a sink that can be asked. Logs may lose records in a crash or on a full disk; what must not be lost is an event.

import type { LogLevel, LogRecord, LogSink, TaskTags } from "./log-record.ts";

/** A kept record. `seq` rises in the order of writing, also across files and restarts. */
export interface KeptRecord extends LogRecord {
  readonly seq: number;
}

/** All that is given must fit. */
export interface LogQuery extends TaskTags {
  readonly agent?: string;
  /** The least severe level wanted. */
  readonly level?: LogLevel;
  /** RFC 3339; records at this time or later. */
  readonly since?: string;
  /** RFC 3339; records before this time. */
  readonly until?: string;
  /** Only records with a higher `seq`: the next page of a reader that goes forward. */
  readonly after?: number;
  /** Default 100, at most 10,000. */
  readonly limit?: number;
}

export interface LogStore extends LogSink {
  /**
   * In the order of writing: the newest `limit` that fit, or with `after` the first `limit` behind it. Sees every record written before.
   * Errors: BAD_REQUEST for a bad time or limit, UNAVAILABLE when the files cannot be read.
   */
  query(query: LogQuery): Promise<readonly KeptRecord[]>;
  /** The same records, then every new one that fits, until the signal aborts. A reader that falls behind by 10,000 records misses some. */
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<KeptRecord>;
  /** Records dropped since it was opened: the disk failed or too many waited. */
  readonly dropped: number;
}
