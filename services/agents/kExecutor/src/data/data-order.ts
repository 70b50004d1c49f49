// What the agent and the process that reads data say to each other: one order, then progress, pieces of content, and one answer. Types only.

import type { WireError } from "@kos/klp";
import type { DataFormat, HeaderChoice } from "./read/table-reader.ts";
import type { ResultForm } from "./sql/result-shape.ts";

export interface SourceOrder {
  /** File name, without folders. */
  readonly name: string;
  /** Where the process finds it open. */
  readonly descriptor: number;
  readonly kind: "file" | "pipe";
  readonly bytes: number;
  readonly options: {
    readonly format?: DataFormat;
    readonly delimiter?: string;
    readonly quote?: string;
    readonly header?: HeaderChoice;
    readonly encoding?: string;
  };
  /** Undefined: the usual ones in delimited text, none elsewhere. */
  readonly missing?: readonly string[];
  readonly max_bytes: number;
}

export interface ProfileOrder {
  readonly task: "profile";
  readonly source: SourceOrder;
  readonly top_values: number;
  /** For the keyed hash. */
  readonly key: readonly [number, number];
}

export interface RecountOrder {
  readonly task: "recount";
  readonly source: SourceOrder;
}

export interface QueryOrder {
  readonly task: "query";
  readonly tables: readonly { readonly name: string; readonly source: SourceOrder }[];
  readonly sql: string;
  readonly limit: number;
  readonly form: ResultForm;
  readonly escape_formulas: boolean;
  /** For the statement alone, without loading. */
  readonly max_seconds: number;
}

export type DataOrder = ProfileOrder | RecountOrder | QueryOrder;

/** More memory or more written to temporary files ends the process. */
export interface WatchLimits {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export interface FirstMessage {
  readonly order: DataOrder;
  readonly limits: WatchLimits;
}

export type DataMessage =
  | { readonly say: "ready" }
  | { readonly say: "progress"; readonly fraction?: number; readonly done?: number; readonly message: string }
  | { readonly say: "content"; readonly text: string }
  | { readonly say: "done"; readonly value: unknown }
  | { readonly say: "failed"; readonly error: WireError };

/** Written to standard output by the watch before it ends the process: why. */
export const END_REASONS = ["time", "memory", "disk", "orphaned"] as const;
export type EndReason = (typeof END_REASONS)[number];
