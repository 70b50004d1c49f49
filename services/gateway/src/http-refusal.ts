// A refusal that HTTP has a status for and our error table has not: 405, 408, 415, 431, or one that says when to come back.

import type { KosError } from "@kos/klp";

export interface HttpRefusalOptions {
  /** In place of the status of the error's code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export class HttpRefusal extends Error {
  readonly error: KosError;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: KosError, { status, headers = {} }: HttpRefusalOptions) {
    super(error.message, { cause: error });
    this.error = error;
    this.status = status;
    this.headers = headers;
  }
}

/** Whole seconds, at least one, as Retry-After wants them. */
export function retryAfter(ms: number): { readonly "retry-after": string } {
  return { "retry-after": String(Math.max(1, Math.ceil(ms / 1000))) };
}
