// Reads for doors: lists from the tables, single plans from the log. Everything is durable, and scoped to a tenant.

import type { Approval, InputRequest, PlanEventView, PlanSummary, TaskView, Trace } from "@kos/api";
import { KosError } from "@kos/klp";
import { dependenciesOf, PLAN_STATUSES } from "@kos/plan";
import type { Tables } from "@kos/store";
import { cursorOf, readCursor } from "../engine/publish.ts";
import { readValues } from "../engine/stored-plan.ts";
import type { BlobPort, Page, Queries } from "../engine-api.ts";
import { findTask, MAX_VALUE_BYTES, type OutputRef, type TaskState } from "../plan/plan-state.ts";
import { outputValue } from "../plan/values.ts";
import { doneTasks } from "../projection/plan-rows.ts";
import { deadTasks } from "./dead-tasks.ts";
import { badCursor, pageLimit, readPageCursor, writePageCursor } from "./page-cursor.ts";
import { noPlan, type PlanReader, type PlanSource, type ReadPlan } from "./plan-reader.ts";
import { approvalView, inputView, iso, planDocument, planView, taskView } from "./plan-view.ts";

const MAX_EVENTS = 5000;
/** Open plans of a list whose progress is read from the log; of further ones the row says how far they were. */
const MAX_READ_FOR_LIST = 60;

export function createQueries(source: PlanSource & { readonly tables: Tables; readonly blobs: BlobPort }, reader: PlanReader): Queries {
  const { tables, log, partitionOf } = source;

  async function valueOf(planId: string, output: OutputRef): Promise<unknown> {
    if (output.value !== undefined) return output.value;
    if (output.blob !== undefined && output.blob.bytes > MAX_VALUE_BYTES) return undefined;
    const address = { key: "value", planId, seq: output.seq, blob: output.blob?.hash };
    const [found] = await readValues(source, partitionOf, [address]);
    return found?.value;
  }

  /** The list of items' outputs, unless it is too large to show. */
  async function taskOutput(plan: ReadPlan, task: TaskState): Promise<unknown> {
    if (task.items === undefined) return task.output && valueOf(plan.state.planId, task.output);
    const bytes = task.items.list.reduce((sum, item) => sum + (item.output?.bytes ?? 4), 0);
    if (task.status !== "succeeded" || bytes > MAX_VALUE_BYTES) return undefined;
    const values = new Map<OutputRef, unknown>();
    for (const { output } of task.items.list) if (output !== undefined) values.set(output, await valueOf(plan.state.planId, output));
    return outputValue(task, (output) => values.get(output)).value;
  }

  return {
    async plans({ tenant, limit, cursor, status }) {
      const wanted = pageLimit(limit);
      const after = cursor === undefined ? undefined : readPageCursor(cursor);
      const rows = await tables.read<PlanListRow>((query) => {
        let select = query.selectFrom("plan").selectAll().where("tenant", "=", tenant);
        if (status !== undefined) select = select.where("status", "in", status.length === 0 ? PLAN_STATUSES : status);
        if (after !== undefined) {
          select = select.where((where) =>
            where.or([
              where("created_at", "<", after.atMs),
              where.and([where("created_at", "=", after.atMs), where("plan_id", "<", after.id)]),
            ]),
          );
        }
        return select
          .orderBy("created_at", "desc")
          .orderBy("plan_id", "desc")
          .limit(wanted + 1);
      });
      const done = await progressOf(reader, tenant, rows.slice(0, wanted));
      return pageOf(
        rows,
        wanted,
        (row) => planSummary(row, done.get(row.plan_id) ?? row.tasks_done),
        (row) => ({ atMs: row.created_at, id: row.plan_id }),
      );
    },

    async plan(tenant, planId) {
      const plan = await reader.read(tenant, planId);
      const { output, finished } = plan.state;
      return planView(plan, finished === "succeeded" && output !== undefined ? await valueOf(planId, output) : undefined);
    },

    async graph(tenant, planId) {
      return planDocument((await reader.read(tenant, planId)).state);
    },

    async task(tenant, planId, taskId): Promise<TaskView> {
      const plan = await reader.read(tenant, planId);
      const task = findTask(plan.state, taskId);
      if (task === undefined) throw new KosError("NOT_FOUND", `Plan ${planId} has no task ${taskId.slice(0, 80)}.`, { planId });
      const output = await taskOutput(plan, task);
      return { ...taskView(plan, task), ...(output !== undefined && { output }) };
    },

    async events(tenant, planId, options = {}): Promise<Page<PlanEventView>> {
      const wanted = pageLimit(options.limit ?? 500, MAX_EVENTS);
      await refuseOthers(tables, tenant, planId);
      const partition = partitionOf(planId);
      const afterSeq = await seqOf(source, planId, options.since);
      const stored = await log.readStream({ partition, plan_id: planId, from_seq: afterSeq + 1, limit: wanted + 1 });
      const items = stored.slice(0, wanted).map((event) => ({
        plan_id: planId,
        seq: event.plan_seq,
        type: event.type,
        at: event.at,
        payload: event.payload === null ? null : JSON.parse(event.payload),
        cursor: cursorOf(partition, event.position),
      }));
      return { items, next_cursor: stored.length > wanted ? (items.at(-1)?.cursor ?? null) : null };
    },

    async approvals({ tenant, limit, cursor, planId, status }) {
      const { rows, wanted } = await waitRows(tables, "approval", "approval_id", { tenant, limit, cursor, planId, status });
      const items: Approval[] = [];
      for (const row of rows.slice(0, wanted)) items.push(await approvalOf(reader, tenant, row.plan_id, row.id));
      return { items, next_cursor: nextCursor(rows, wanted) };
    },

    async approval(tenant, approvalId) {
      const planId = await planOf(tables, tenant, "approval", "approval_id", approvalId);
      return approvalOf(reader, tenant, planId, approvalId);
    },

    async inputs({ tenant, limit, cursor, planId, status }) {
      const { rows, wanted } = await waitRows(tables, "input_request", "input_id", { tenant, limit, cursor, planId, status });
      const items: InputRequest[] = [];
      for (const row of rows.slice(0, wanted)) items.push(await inputOf(reader, tenant, row.plan_id, row.id));
      return { items, next_cursor: nextCursor(rows, wanted) };
    },

    async input(tenant, inputId) {
      const planId = await planOf(tables, tenant, "input_request", "input_id", inputId);
      return inputOf(reader, tenant, planId, inputId);
    },

    deadTasks: (request) => deadTasks(tables, request),

    async trace(tenant, planId): Promise<Trace> {
      const { state } = await reader.read(tenant, planId);
      const { buildTrace } = await import("@kos/telemetry");
      const events = [];
      for (let from = 1; ; ) {
        const page = await log.readStream({ partition: partitionOf(planId), plan_id: planId, from_seq: from, limit: MAX_EVENTS });
        for (const { type, at, payload } of page) events.push({ type, at, payload: payload === null ? null : JSON.parse(payload) });
        if (page.length < MAX_EVENTS) break;
        from += page.length;
      }
      const dependencies = new Map(state.shape.tasks.map(({ task }) => [task.task_id, dependenciesOf(task)]));
      const { attempts, critical_path: path, total_ms } = buildTrace({ plan_id: planId, events, dependencies });
      return { plan_id: planId, total_ms, attempts: [...attempts], critical_path: [...path] };
    },
  };
}

interface PlanListRow {
  readonly plan_id: string;
  readonly goal: string;
  readonly status: PlanSummary["status"];
  readonly strategy: string;
  readonly playbook: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly ended_at: number | null;
  readonly tasks_total: number;
  readonly tasks_done: number;
  readonly is_open: number;
}

function planSummary(row: PlanListRow, done: number): PlanSummary {
  return {
    plan_id: row.plan_id,
    goal: row.goal,
    status: row.status,
    strategy: row.strategy,
    ...(row.playbook !== null && { playbook: row.playbook }),
    created_by: row.created_by,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
    ...(row.ended_at !== null && { ended_at: iso(row.ended_at) }),
    tasks_total: row.tasks_total,
    tasks_done: done,
  };
}

/** Progress of open plans is in the log, not in their rows, which are written only when a plan's status changes. */
async function progressOf(reader: PlanReader, tenant: string, rows: readonly PlanListRow[]): Promise<ReadonlyMap<string, number>> {
  const done = new Map<string, number>();
  for (const row of rows.filter((one) => one.is_open === 1).slice(0, MAX_READ_FOR_LIST)) {
    done.set(row.plan_id, doneTasks((await reader.read(tenant, row.plan_id)).state));
  }
  return done;
}

function pageOf<Row, Item>(
  rows: readonly Row[],
  wanted: number,
  view: (row: Row) => Item,
  place: (row: Row) => { readonly atMs: number; readonly id: string },
): Page<Item> {
  const shown = rows.slice(0, wanted);
  const last = shown.at(-1);
  return { items: shown.map(view), next_cursor: rows.length > wanted && last !== undefined ? writePageCursor(place(last)) : null };
}

interface WaitRow {
  readonly id: string;
  readonly plan_id: string;
  readonly requested_at: number;
}

async function waitRows(
  tables: Tables,
  table: "approval" | "input_request",
  idColumn: "approval_id" | "input_id",
  request: {
    readonly tenant: string;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
    readonly planId?: string | undefined;
    readonly status?: string | undefined;
  },
): Promise<{ readonly rows: readonly WaitRow[]; readonly wanted: number }> {
  const wanted = pageLimit(request.limit);
  const after = request.cursor === undefined ? undefined : readPageCursor(request.cursor);
  const rows = await tables.read<WaitRow>((query) => {
    let select = query
      .selectFrom(table)
      .select([`${idColumn} as id`, "plan_id", "requested_at"])
      .where("tenant", "=", request.tenant);
    if (request.planId !== undefined) select = select.where("plan_id", "=", request.planId);
    if (request.status !== undefined) select = select.where("status", "=", request.status);
    if (after !== undefined) {
      select = select.where((where) =>
        where.or([
          where("requested_at", "<", after.atMs),
          where.and([where("requested_at", "=", after.atMs), where(idColumn, "<", after.id)]),
        ]),
      );
    }
    return select
      .orderBy("requested_at", "desc")
      .orderBy(idColumn, "desc")
      .limit(wanted + 1);
  });
  return { rows, wanted };
}

function nextCursor(rows: readonly WaitRow[], wanted: number): string | null {
  const last = rows[wanted - 1];
  return rows.length > wanted && last !== undefined ? writePageCursor({ atMs: last.requested_at, id: last.id }) : null;
}

async function approvalOf(reader: PlanReader, tenant: string, planId: string, approvalId: string): Promise<Approval> {
  const approval = (await reader.read(tenant, planId)).approvals.get(approvalId);
  if (approval === undefined) throw new KosError("NOT_FOUND", `There is no approval ${approvalId.slice(0, 80)}.`);
  return approvalView(planId, approval);
}

async function inputOf(reader: PlanReader, tenant: string, planId: string, inputId: string): Promise<InputRequest> {
  const input = (await reader.read(tenant, planId)).inputs.get(inputId);
  if (input === undefined) throw new KosError("NOT_FOUND", `There is no question ${inputId.slice(0, 80)}.`);
  return inputView(planId, input);
}

async function planOf(tables: Tables, tenant: string, table: "approval" | "input_request", idColumn: string, id: string): Promise<string> {
  const [row] = await tables.read<{ plan_id: string }>((query) =>
    query.selectFrom(table).select("plan_id").where(idColumn, "=", id).where("tenant", "=", tenant),
  );
  if (row === undefined)
    throw new KosError("NOT_FOUND", `There is no ${table === "approval" ? "approval" : "question"} ${id.slice(0, 80)}.`);
  return row.plan_id;
}

async function refuseOthers(tables: Tables, tenant: string, planId: string): Promise<void> {
  const rows = await tables.read((query) =>
    query.selectFrom("plan").select("plan_id").where("plan_id", "=", planId).where("tenant", "=", tenant),
  );
  if (rows.length === 0) throw noPlan(planId);
}

/** A cursor of a frame or event, or a plan_seq: the plan_seq after which to go on. */
async function seqOf(source: PlanSource, planId: string, since: string | undefined): Promise<number> {
  if (since === undefined || since === "") return 0;
  if (/^\d{1,15}$/.test(since)) return Number(since);
  const cursor = readCursor(since);
  if (cursor === undefined || cursor.partition !== source.partitionOf(planId)) throw badCursor(undefined);
  // The newest event of the plan at or before that place in the partition.
  const [at] = await source.log.readPartition({ partition: cursor.partition, from: cursor.position, limit: 1 });
  if (at === undefined || at.plan_id !== planId) throw badCursor(undefined);
  return at.plan_seq;
}
