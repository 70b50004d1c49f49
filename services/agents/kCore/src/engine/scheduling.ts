// Schedules as doors see them: wishes become definitions, commands go to the partition, reads come from the rows.

import type { ScheduleView } from "@kos/api";
import { KosError, sha256Hex } from "@kos/klp";
import type { Caller, Page } from "../caller.ts";
import type { ScheduleCommand } from "../partition/partition-io.ts";
import { pageLimit, readPageCursor, writePageCursor } from "../queries/page-cursor.ts";
import { nextDue, readTime } from "../schedule/due-times.ts";
import { type ScheduleRow, stateOfRow } from "../schedule/schedule-row.ts";
import type { ScheduleState, ScheduleTime } from "../schedule/schedule-state.ts";
import { scheduleView } from "../schedule/schedule-view.ts";
import type { NewSchedule, Schedules, ScheduleWish } from "../schedules-api.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { PartitionDriver } from "./partition-driver.ts";
import { checkedHash, keyScope } from "./submission.ts";

/** Schedules of a tenant that have not been removed. */
const MOST_SCHEDULES = 10_000;
/** Enough to see whether a rhythm is the one that was meant. */
const SHOWN_TIMES = 5;

export function createScheduling(
  parts: EngineParts,
  driverOf: (id: string) => PartitionDriver,
  drivers: () => Iterable<PartitionDriver>,
): Schedules {
  const { tables } = parts.options;

  async function command(caller: Caller, scheduleId: string, what: ScheduleCommand): Promise<string> {
    const accepted = await driverOf(scheduleId).ask((reply) => ({
      kind: "schedule",
      reply,
      tenant: caller.tenant,
      scheduleId,
      actor: { id: caller.id, kind: caller.kind },
      command: what,
    }));
    return accepted.planId;
  }

  async function state(tenant: string, scheduleId: string): Promise<ScheduleState> {
    const [row] = await tables.read<ScheduleRow>((query) =>
      query.selectFrom("schedule").selectAll().where("schedule_id", "=", scheduleId).where("tenant", "=", tenant),
    );
    if (row === undefined) throw new KosError("NOT_FOUND", `There is no schedule ${scheduleId.slice(0, 80)}.`);
    return stateOfRow(row);
  }

  async function view(caller: Caller, scheduleId: string): Promise<ScheduleView> {
    return scheduleView(await state(caller.tenant, scheduleId));
  }

  async function refuseTooMany(tenant: string): Promise<void> {
    const [row] = await tables.read<{ readonly count: number }>((query) =>
      query.selectFrom("schedule").select(query.fn.countAll().as("count")).where("tenant", "=", tenant).where("status", "!=", "removed"),
    );
    if ((row?.count ?? 0) < MOST_SCHEDULES) return;
    throw new KosError("RESOURCE_LIMIT_EXCEEDED", `There are ${MOST_SCHEDULES} schedules already. Remove some that have ended.`);
  }

  return {
    start() {
      for (const driver of drivers()) driver.startSchedules();
    },

    dueTimes(wish) {
      const when = readTime(wish, wish.zone, parts.now());
      const found: string[] = [];
      for (let next = nextDue(when, parts.now()); next !== null && found.length < SHOWN_TIMES; next = nextDue(when, next)) {
        found.push(new Date(next).toISOString());
      }
      return found;
    },

    async create(request: NewSchedule) {
      const { caller, graph, wish } = request;
      await refuseTooMany(caller.tenant);
      checkedHash(parts, graph);
      const key = keyScope(parts, request);
      const scheduleId = key === undefined ? parts.options.newId() : idOfKey(key.scope);
      const { playbook } = graph;
      await command(caller, scheduleId, {
        kind: "create",
        definition: {
          name: wish.name ?? (graph.goal === "" ? "schedule" : graph.goal.slice(0, 100)),
          request: request.request,
          when: readTime(wish, wish.zone, parts.now()),
          missed: wish.missed ?? "once",
          overlap: wish.overlap ?? "skip",
          grants: { fs_roots: request.fsRoots ?? [] },
          approval: request.approval ?? false,
          ...(playbook && { playbook: { name: playbook.name, hash: playbook.hash } }),
          created_by: caller.id,
        },
        ...(key && { idempotency: { scope: key.scope, body_hash: key.body_hash } }),
      });
      return view(caller, scheduleId);
    },

    async change(caller, scheduleId, wish) {
      const { name, missed, overlap } = wish;
      const when = await changedTime(() => state(caller.tenant, scheduleId), wish, parts.now());
      await command(caller, scheduleId, { kind: "change", name, when, missed, overlap });
      return view(caller, scheduleId);
    },

    async pause(caller, scheduleId, reason) {
      await command(caller, scheduleId, { kind: "pause", reason });
      return view(caller, scheduleId);
    },

    async resume(caller, scheduleId, reason) {
      await command(caller, scheduleId, { kind: "resume", reason });
      return view(caller, scheduleId);
    },

    async remove(caller, scheduleId) {
      await command(caller, scheduleId, { kind: "remove" });
      return view(caller, scheduleId);
    },

    async run(caller, scheduleId, idempotency) {
      const key = keyScope(parts, { caller, ...(idempotency && { idempotency }) });
      const id = await command(caller, scheduleId, { kind: "run", key: key?.scope });
      return { schedule_id: scheduleId, ...(id !== scheduleId && { plan_id: id }) };
    },

    async get(tenant, scheduleId) {
      return scheduleView(await state(tenant, scheduleId));
    },

    async list({ tenant, limit, cursor, all }): Promise<Page<ScheduleView>> {
      const wanted = pageLimit(limit);
      const after = cursor === undefined ? undefined : readPageCursor(cursor);
      const rows = await tables.read<ScheduleRow>((query) => {
        let select = query.selectFrom("schedule").selectAll().where("tenant", "=", tenant);
        if (all !== true) select = select.where("status", "!=", "removed");
        if (after !== undefined) {
          select = select.where((where) =>
            where.or([
              where("created_at", "<", after.atMs),
              where.and([where("created_at", "=", after.atMs), where("schedule_id", "<", after.id)]),
            ]),
          );
        }
        return select
          .orderBy("created_at", "desc")
          .orderBy("schedule_id", "desc")
          .limit(wanted + 1);
      });
      const last = rows[wanted - 1];
      return {
        items: rows.slice(0, wanted).map((row) => scheduleView(stateOfRow(row))),
        next_cursor: rows.length > wanted && last ? writePageCursor({ atMs: last.created_at, id: last.schedule_id }) : null,
      };
    },
  };
}

/** A new time, or the old rhythm in another zone; undefined where neither is wished. */
async function changedTime(
  read: () => Promise<ScheduleState>,
  wish: Partial<ScheduleWish>,
  nowMs: number,
): Promise<ScheduleTime | undefined> {
  const { at, every, zone } = wish;
  if (at === undefined && every === undefined && zone === undefined) return undefined;
  const { when } = await read();
  if (at !== undefined || every !== undefined) return readTime({ at, every }, zone ?? when.zone, nowMs);
  if (when.kind !== "cron")
    throw new KosError("BAD_REQUEST", "Only a cron pattern depends on its zone. Give the time anew, with the zone.");
  return readTime({ every: when.pattern }, zone ?? when.zone, nowMs);
}

/** A UUIDv8 (RFC 9562): the same key names the same schedule. */
function idOfKey(scope: string): string {
  const hex = sha256Hex(`kos-schedule/1\u0000${scope}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
