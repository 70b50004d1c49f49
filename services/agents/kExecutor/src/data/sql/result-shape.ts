// What a query gives back, and the forms of its full result.

export const RESULT_FORMS = ["csv", "ndjson"] as const;
export type ResultForm = (typeof RESULT_FORMS)[number];

export const RESULT_TYPES = ["integer", "number", "string", "boolean", "blob", "mixed", "null"] as const;
export type ResultType = (typeof RESULT_TYPES)[number];

/** Integers beyond 2^53 are texts, blobs are hexadecimal. */
export type ResultValue = string | number | boolean | null;

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: ResultType }[];
  readonly rows: readonly Readonly<Record<string, ResultValue>>[];
  /** All that the query gave, or as far as it was read. */
  readonly row_count: number;
  /** Whether `rows` are all of them. */
  readonly truncated: boolean;
  /** Whether the query was read to its end. */
  readonly complete: boolean;
}
