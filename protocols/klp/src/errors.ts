/** The one error class of the project. It owns code, message and context of a failure; it must not know any transport. */

import { ERROR_TABLE, type ErrorCode } from "./error-table.ts";

const brand: unique symbol = Symbol.for("kos.error");

export interface KosErrorOptions {
  /** Data for programs: a JSON object, without secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Overrides the retry policy of the table for this one case. */
  readonly retryable?: boolean;
  readonly taskId?: string;
  readonly planId?: string;
  readonly traceId?: string;
  /** What led to it, for logs only; it never leaves the process. */
  readonly cause?: unknown;
}

/**
 * An error with a code of the table. `message` says what is wrong and what to do, for people; programs decide by `code` alone.
 * Recognise it with `isKosError`, which also holds for an error made by a second copy of this package.
 */
export class KosError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly taskId: string | undefined;
  readonly planId: string | undefined;
  readonly traceId: string | undefined;

  constructor(code: ErrorCode, message: string, options: KosErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_TABLE[code].retryable;
    this.details = options.details;
    this.taskId = options.taskId;
    this.planId = options.planId;
    this.traceId = options.traceId;
  }

  override get name(): string {
    return "KosError";
  }

  get [brand](): true {
    return true;
  }
}

/** Whether a thrown value is a KosError, also one of another copy of this package. With `code`, whether it has that code too. */
export function isKosError(value: unknown, code?: ErrorCode): value is KosError {
  if (typeof value !== "object" || value === null || (value as { readonly [brand]?: unknown })[brand] !== true) return false;
  return code === undefined || (value as KosError).code === code;
}
