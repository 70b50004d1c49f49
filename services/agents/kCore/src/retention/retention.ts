// Removes what is over: plans with a safe archive, records that have aged, the beginning of the logs. It decides nothing about when.

import { KosError } from "@kos/klp";
import type { RowChange } from "@kos/store";
import { budgetIdOf } from "../budget/budget-id.ts";
import type { EngineParts } from "../engine/engine-parts.ts";
import type { PartitionDriver } from "../engine/partition-driver.ts";
import type { FinishedPlan, Retention } from "../retention-api.ts";
import { type ScheduleRow, stateOfRow } from "../schedule/schedule-row.ts";

/** Of one call of `age` and kind. */
const AGED_AT_ONCE = 100;
/** A schedule's stream that has grown beyond this is continued in another, however young it is. */
const MOST_STREAM_EVENTS = 5_000;

export function createRetention(
  parts: EngineParts,
  driverOf: (id: string) => PartitionDriver,
  partitions: readonly number[],
  forgetRead: (planId: string) => void,
): Retention {
  const { tables, log } = parts.options;

  function finishedPlans(endedBeforeMs: number) {
    return (query: Parameters<Parameters<typeof tables.read>[0]>[0]) =>
      query
        .selectFrom("plan")
        .where("is_open", "=", 0)
        .where("ended_at", "<", endedBeforeMs)
        .where((where) =>
          where.not(
            where.exists(
              query
                .selectFrom("plan as fork")
                .select("fork.plan_id")
                .where("fork.is_open", "=", 1)
                .whereRef("fork.forked_from", "=", "plan.plan_id"),
            ),
          ),
        )
        .where((where) =>
          where.not(
            where.exists(query.selectFrom("schedule").select("schedule_id").whereRef("schedule.last_succeeded", "=", "plan.plan_id")),
          ),
        );
  }

  async function planRows(planId: string): Promise<readonly RowChange[]> {
    const approvals = await tables.read<{ id: string }>((query) =>
      query.selectFrom("approval").select("approval_id as id").where("plan_id", "=", planId),
    );
    const inputs = await tables.read<{ id: string }>((query) =>
      query.selectFrom("input_request").select("input_id as id").where("plan_id", "=", planId),
    );
    const dead = await tables.read<{ id: string }>((query) =>
      query.selectFrom("dead_task").select("dead_id as id").where("plan_id", "=", planId),
    );
    return [
      { op: "delete", table: "plan", key: { plan_id: planId } },
      ...approvals.map(({ id }): RowChange => ({ op: "delete", table: "approval", key: { approval_id: id } })),
      ...inputs.map(({ id }): RowChange => ({ op: "delete", table: "input_request", key: { input_id: id } })),
      ...dead.map(({ id }): RowChange => ({ op: "delete", table: "dead_task", key: { dead_id: id } })),
    ];
  }

  /** Content first: as long as the row is there, an interrupted removal is found again. */
  async function prune(...[planId, archive, blobs]: Parameters<Retention["prune"]>): Promise<void> {
    const [plan] = await tables.read<{ tenant: string; status: string; is_open: number; ended_at: number }>((query) =>
      query.selectFrom("plan").select(["tenant", "status", "is_open", "ended_at"]).where("plan_id", "=", planId),
    );
    if (plan === undefined) return;
    if (plan.is_open === 1) throw new KosError("CONFLICT", `Plan ${planId} has not ended.`, { planId });
    const partition = parts.partitionOf(planId);
    for (const stream of [planId, budgetIdOf(planId)]) {
      const [first] = await log.readStream({ partition, plan_id: stream, limit: 1 });
      if (first !== undefined) await log.forget({ partition, plan_id: stream });
    }
    const noted = blobs.map((hash): RowChange => ({ op: "put", table: "blob_candidate", row: { hash, noted_at: parts.now() } }));
    const record = { plan_id: planId, status: plan.status, ended_at: new Date(plan.ended_at).toISOString(), archive };
    const rows = [...(await planRows(planId)), ...noted];
    await driverOf(planId).ask((reply) => ({ kind: "prune", reply, planId, tenant: plan.tenant, removal: { record, rows } }));
    forgetRead(planId);
  }

  async function ageRecords(beforeMs: number): Promise<number> {
    const rows = await tables.read<{ plan_id: string; shard: number; stream: string }>((query) =>
      query.selectFrom("archived_plan").select(["plan_id", "shard", "stream"]).where("archived_at", "<", beforeMs).limit(AGED_AT_ONCE),
    );
    for (const { plan_id: planId, shard, stream } of rows) {
      await log.forget({ partition: shard, plan_id: stream });
      await tables.write([{ sql: "DELETE FROM archived_plan WHERE plan_id = ?", parameters: [planId] }]);
    }
    return rows.length;
  }

  async function dropSchedules(beforeMs: number): Promise<number> {
    const rows = await tables.read<ScheduleRow & { shard: number }>((query) =>
      query
        .selectFrom("schedule")
        .selectAll()
        .where("status", "in", ["removed", "ended"])
        .where("updated_at", "<", beforeMs)
        .limit(AGED_AT_ONCE),
    );
    let dropped = 0;
    for (const row of rows) {
      const { scheduleId, stream, previousStream, open } = stateOfRow(row);
      if (open.length > 0) continue;
      driverOf(scheduleId).handle({ kind: "drop_schedule", scheduleId });
      for (const one of [previousStream, stream]) if (one !== null) await log.forget({ partition: row.shard, plan_id: one });
      await tables.write([{ sql: "DELETE FROM schedule WHERE schedule_id = ?", parameters: [scheduleId] }]);
      dropped++;
    }
    return dropped;
  }

  /** A schedule that goes on for years would hold the beginning of the log for as long. */
  async function continueSchedules(beforeMs: number): Promise<number> {
    const old = await tables.read<{ schedule_id: string; tenant: string }>((query) =>
      query
        .selectFrom("schedule")
        .select(["schedule_id", "tenant"])
        .where("status", "in", ["active", "paused"])
        .where("previous_stream", "is", null)
        .where((where) => where.or([where("stream_since", "<", beforeMs), where("stream_events", ">", MOST_STREAM_EVENTS)]))
        .limit(AGED_AT_ONCE),
    );
    for (const { schedule_id: scheduleId, tenant } of old) {
      const actor = { id: "kCore:main", kind: "system" } as const;
      await driverOf(scheduleId).ask((reply) => ({ kind: "schedule", reply, tenant, scheduleId, actor, command: { kind: "continue" } }));
    }
    const left = await tables.read<{ schedule_id: string; shard: number; previous_stream: string }>((query) =>
      query
        .selectFrom("schedule")
        .select(["schedule_id", "shard", "previous_stream"])
        .where("previous_stream", "is not", null)
        .limit(10 * AGED_AT_ONCE),
    );
    for (const { schedule_id: scheduleId, shard, previous_stream: stream } of left) {
      await log.forget({ partition: shard, plan_id: stream });
      // A later change of the schedule writes it again; forgetting again does no harm.
      await tables.write([
        {
          sql: "UPDATE schedule SET previous_stream = NULL WHERE schedule_id = ? AND previous_stream = ?",
          parameters: [scheduleId, stream],
        },
      ]);
    }
    return old.length;
  }

  return {
    async finished({ endedBeforeMs, limit }) {
      const rows = await tables.read<{ plan_id: string; tenant: string; goal: string; status: string; ended_at: number }>((query) =>
        finishedPlans(endedBeforeMs)(query)
          .select(["plan.plan_id", "plan.tenant", "plan.goal", "plan.status", "plan.ended_at"])
          .orderBy("plan.ended_at")
          .orderBy("plan.plan_id")
          .limit(limit),
      );
      return rows.map(
        ({ plan_id: planId, tenant, goal, status, ended_at: endedAtMs }): FinishedPlan => ({ planId, tenant, goal, status, endedAtMs }),
      );
    },

    async countFinished(endedBeforeMs) {
      const [row] = await tables.read<{ count: number }>((query) =>
        finishedPlans(endedBeforeMs)(query).select(query.fn.countAll().as("count")),
      );
      return row?.count ?? 0;
    },

    prune,

    async archiveOf(planId) {
      const [row] = await tables.read<{ tenant: string; archived_at: number; file: string; sha256: string; bytes: number }>((query) =>
        query.selectFrom("archived_plan").selectAll().where("plan_id", "=", planId),
      );
      if (row === undefined) return undefined;
      const { tenant, archived_at: archivedAtMs, file, sha256, bytes } = row;
      return { tenant, archivedAtMs, file, sha256, bytes };
    },

    async age(beforeMs) {
      return (await ageRecords(beforeMs)) + (await dropSchedules(beforeMs)) + (await continueSchedules(beforeMs));
    },

    async cut() {
      let removed = 0;
      for (const partition of partitions) removed += (await log.cut(partition)).removed;
      return removed;
    },
  };
}
