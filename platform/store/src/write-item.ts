// What can be asked of the writer, and what it answers. Plain data: it crosses to the writer thread as it is.

import type { TreeHead } from "@kos/evidence";
import { type ErrorCode, KosError } from "@kos/klp";
import type { Claim, Commit, CommitOutcome, Damage, LogCut } from "./event-log.ts";
import type { Statement, StoreSize } from "./tables.ts";

export type WriteItem =
  | { readonly kind: "append"; readonly commit: Commit }
  | { readonly kind: "write"; readonly statements: readonly Statement[] }
  | { readonly kind: "claim"; readonly partition: number }
  | { readonly kind: "head"; readonly partition: number }
  | { readonly kind: "forget"; readonly partition: number; readonly plan_id: string }
  | { readonly kind: "cut"; readonly partition: number }
  | { readonly kind: "reclaim"; readonly pages: number }
  | { readonly kind: "damage"; readonly damage: Damage };

export interface WriteResults {
  readonly append: CommitOutcome;
  readonly write: readonly number[];
  readonly claim: Claim;
  readonly head: TreeHead | undefined;
  readonly forget: number;
  readonly cut: LogCut;
  readonly reclaim: StoreSize;
  readonly damage: undefined;
}

/** An error on its way between threads. */
export interface WriteFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** What the original error said. */
  readonly cause?: string;
}

export type WriteResult =
  | { readonly ok: true; readonly value: WriteResults[WriteItem["kind"]] }
  | { readonly ok: false; readonly failure: WriteFailure };

export function failed(error: KosError): WriteResult {
  const { code, message, details, cause } = error;
  const said = cause instanceof Error ? cause.message : undefined;
  return {
    ok: false,
    failure: { code, message, ...(details === undefined ? {} : { details }), ...(said === undefined ? {} : { cause: said }) },
  };
}

export function errorOf(failure: WriteFailure): KosError {
  const { code, message, details, cause } = failure;
  return new KosError(code, message, {
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}
