// Lists dead letters: tasks that lost their worker on every attempt, with the plan that has gone on from theirs, if one has.

import type { DeadTask } from "@kos/api";
import type { Tables } from "@kos/store";
import type { Page } from "../engine-api.ts";
import { pageLimit, readPageCursor, writePageCursor } from "./page-cursor.ts";

interface DeadRow {
  readonly dead_id: string;
  readonly plan_id: string;
  readonly task_id: string;
  readonly capability: string;
  readonly agent: string;
  readonly attempts: number;
  readonly cause: DeadTask["cause"];
  readonly error: string;
  readonly died_at: number;
}

interface PlanRow {
  readonly plan_id: string;
  readonly goal: string;
  readonly status: DeadTask["plan_status"];
  readonly created_at: number;
  readonly forked_from: string | null;
}

export interface DeadTasksRequest {
  readonly tenant: string;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Newest first. Errors: BAD_REQUEST (cursor, limit). */
export async function deadTasks(tables: Tables, { tenant, limit, cursor }: DeadTasksRequest): Promise<Page<DeadTask>> {
  const wanted = pageLimit(limit);
  const after = cursor === undefined ? undefined : readPageCursor(cursor);
  const rows = await tables.read<DeadRow>((query) => {
    let select = query.selectFrom("dead_task").selectAll().where("tenant", "=", tenant);
    if (after !== undefined) {
      select = select.where((where) =>
        where.or([where("died_at", "<", after.atMs), where.and([where("died_at", "=", after.atMs), where("dead_id", "<", after.id)])]),
      );
    }
    return select
      .orderBy("died_at", "desc")
      .orderBy("dead_id", "desc")
      .limit(wanted + 1);
  });
  const shown = rows.slice(0, wanted);
  const { plans, heirs } = await plansOf(tables, tenant, [...new Set(shown.map((row) => row.plan_id))]);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => deadTask(row, plans.get(row.plan_id), heirs.get(row.plan_id))),
    next_cursor: rows.length > wanted && last !== undefined ? writePageCursor({ atMs: last.died_at, id: last.dead_id }) : null,
  };
}

/** The plans themselves, and the newest that was made from each by retry or fork. */
async function plansOf(
  tables: Tables,
  tenant: string,
  ids: readonly string[],
): Promise<{ readonly plans: ReadonlyMap<string, PlanRow>; readonly heirs: ReadonlyMap<string, PlanRow> }> {
  if (ids.length === 0) return { plans: new Map(), heirs: new Map() };
  const found = await Promise.all(
    (["plan_id", "forked_from"] as const).map((column) =>
      tables.read<PlanRow>((query) =>
        query
          .selectFrom("plan")
          .select(["plan_id", "goal", "status", "created_at", "forked_from"])
          .where("tenant", "=", tenant)
          .where(column, "in", ids)
          .orderBy("created_at"),
      ),
    ),
  );
  const [plans = [], heirs = []] = found;
  return {
    plans: new Map(plans.map((row) => [row.plan_id, row])),
    heirs: new Map(heirs.map((row) => [row.forked_from ?? "", row])),
  };
}

function deadTask(row: DeadRow, plan: PlanRow | undefined, heir: PlanRow | undefined): DeadTask {
  const { plan_id, task_id, capability, agent, attempts, cause } = row;
  return {
    plan_id,
    task_id,
    goal: plan?.goal ?? "",
    plan_status: plan?.status ?? "failed",
    capability,
    agent,
    attempts,
    cause,
    error: { ...(JSON.parse(row.error) as DeadTask["error"]), plan_id, task_id },
    died_at: new Date(row.died_at).toISOString(),
    ...(heir && { retried_as: heir.plan_id }),
  };
}
