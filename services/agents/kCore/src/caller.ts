// Who asks, and the forms that questions to the engine share.

/** Who asks. Decisions, answers and resolutions are taken from people only. */
export interface Caller {
  readonly tenant: string;
  readonly id: string;
  readonly kind: "person" | "agent" | "system";
}

/** `bodyHash` is of the request as it came in; the same key with another body is refused. */
export interface IdempotencyKey {
  readonly key: string;
  readonly route: string;
  readonly bodyHash: string;
}

export interface PageRequest {
  readonly tenant: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}
