// Rows that follow from single events: approvals, questions, idempotency keys, dead letters. A later event of the same subject replaces its row.

import type { RowChange } from "@kos/store";
import type { PlanEvent } from "../plan/plan-event.ts";

export interface RowContext {
  readonly tenant: string;
  readonly planId: string;
  readonly seq: number;
  readonly atMs: number;
  /** Rows written before for open approvals and questions, by id: what an ending event replaces. */
  readonly open: Map<string, RowChange & { readonly op: "put" }>;
}

/** Whether the event changes a row at all; most do not. */
export function hasRow(event: PlanEvent): boolean {
  return (
    event.type.startsWith("approval.") ||
    event.type.startsWith("input.") ||
    (event.type === "task.failed" && event.payload.dead_letter !== undefined) ||
    (event.type === "plan.created" && event.payload.idempotency !== undefined)
  );
}

/** The row the event changes, if any; keeps `open` in step. */
export function eventRow(event: PlanEvent, context: RowContext): RowChange | undefined {
  const { tenant, planId, seq, atMs, open } = context;
  switch (event.type) {
    case "approval.requested": {
      const { payload } = event;
      return remember(open, payload.approval_id, "approval", {
        approval_id: payload.approval_id,
        tenant,
        plan_id: planId,
        task_id: payload.task_id ?? null,
        kind: payload.kind,
        status: "open",
        digest: payload.digest,
        title: payload.title,
        reason: payload.reason,
        requested_seq: seq,
        requested_at: atMs,
        decided_at: null,
        decided_by: null,
      });
    }
    case "approval.decided": {
      const { approval_id: id, decision, by } = event.payload;
      return replace(open, id, { status: decision, decided_at: atMs, decided_by: by });
    }
    case "approval.expired":
      return replace(open, event.payload.approval_id, { status: "void" });
    case "input.requested": {
      const { payload } = event;
      return remember(open, payload.input_id, "input_request", {
        input_id: payload.input_id,
        tenant,
        plan_id: planId,
        task_id: payload.task_id ?? null,
        status: "open",
        question: payload.question,
        requested_seq: seq,
        requested_at: atMs,
      });
    }
    case "input.answered":
      return replace(open, event.payload.input_id, { status: "answered" });
    case "input.expired":
      return replace(open, event.payload.input_id, { status: "void" });
    case "task.failed": {
      const { task_id, error, dead_letter: dead } = event.payload;
      if (dead === undefined) return undefined;
      const { capability, agent, attempts, cause } = dead;
      const row = {
        dead_id: `${planId}/${task_id}`,
        tenant,
        plan_id: planId,
        task_id,
        capability,
        agent,
        attempts,
        cause,
        error: JSON.stringify(error),
        died_at: atMs,
      };
      return { op: "put", table: "dead_task", row };
    }
    case "plan.created": {
      const { idempotency } = event.payload;
      if (idempotency === undefined) return undefined;
      const row = {
        scope: idempotency.scope,
        plan_id: planId,
        body_hash: idempotency.body_hash,
        expires_at: Date.parse(idempotency.expires_at),
      };
      return { op: "put", table: "idempotency_key", row };
    }
    default:
      return undefined;
  }
}

type Row = (RowChange & { readonly op: "put" })["row"];

function remember(open: RowContext["open"], id: string, table: string, row: Row): RowChange {
  const change = { op: "put", table, row } as const;
  open.set(id, change);
  return change;
}

/** An approved approval can still go stale, so its row is kept until its plan is closed. */
function replace(open: RowContext["open"], id: string, change: Row): RowChange | undefined {
  const before = open.get(id);
  if (before === undefined) return undefined;
  const after = { ...before, row: { ...before.row, ...change } };
  open.set(id, after);
  return after;
}
