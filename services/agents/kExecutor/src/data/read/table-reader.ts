// What every format becomes: named columns and rows in batches. A reader holds one batch at a time, whatever the size of the source.

import type { Row } from "./cell.ts";
import type { Faults } from "./faults.ts";

export const DATA_FORMATS = ["csv", "json", "ndjson", "parquet"] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

export const HEADER_CHOICES = ["auto", "yes", "no"] as const;
export type HeaderChoice = (typeof HEADER_CHOICES)[number];

/** How a source is to be read; what is left out is found out. */
export interface ReadOptions {
  readonly format?: DataFormat;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly header?: HeaderChoice;
  /** A label of the WHATWG Encoding Standard. */
  readonly encoding?: string;
}

/** How it was read. */
export interface ReadFacts {
  readonly format: DataFormat;
  readonly compression: "gzip" | "none";
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly header?: boolean;
}

export interface TableReader {
  readonly facts: ReadFacts;
  /** May grow while batches are read: formats of objects name their columns as they go. */
  readonly columns: readonly string[];
  /** Whether cells are text whose types are yet to be recognised. */
  readonly spelled: boolean;
  readonly faults: Faults;
  /** What a reader of the numbers should know about how the source was read. */
  readonly notes: readonly string[];
  /** To be walked once. Errors: BAD_REQUEST, TOO_LARGE. */
  batches(): AsyncGenerator<readonly Row[], void, undefined>;
}

/** SQLite's own limit on columns, so that whatever can be profiled can be queried. */
export const MOST_COLUMNS = 2000;
