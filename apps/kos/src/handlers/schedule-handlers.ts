// Routes about schedules. What a schedule may read is settled when it is made: by the grant of that request, or the folders of the configuration.

import type { ScheduleRequest } from "@kos/api";
import type { Handlers } from "@kos/gateway";
import type { Engine } from "@kos/kcore";
import { KosError } from "@kos/klp";
import type { Grants } from "../data/grants.ts";
import type { Planning } from "../planning/planning.ts";
import { engineCaller, need } from "./engine-caller.ts";

export interface ScheduleHandlerOptions {
  readonly engine: Pick<Engine, "schedules">;
  readonly planning: Planning;
  readonly grants: Grants;
  /** `profile.time_zone`. */
  readonly timeZone: string;
}

type ScheduleRoutes = "schedules" | "schedule" | "dueTimes" | "createSchedule" | "patchSchedule" | "removeSchedule" | "runSchedule";

export function scheduleHandlers(options: ScheduleHandlerOptions): Pick<Handlers, ScheduleRoutes> {
  const { planning, grants, timeZone } = options;
  const { schedules } = options.engine;
  return {
    async schedules({ query, caller }) {
      const { limit, cursor, all } = query;
      const page = await schedules.list({
        tenant: caller.tenant,
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
        ...(all !== undefined && { all }),
      });
      return { items: [...page.items], next_cursor: page.next_cursor };
    },
    schedule: ({ params, caller }) => schedules.get(caller.tenant, need(params, "schedule_id")),
    async dueTimes({ query: { at, every, zone = timeZone } }) {
      return { zone, times: [...schedules.dueTimes({ at, every, zone })] };
    },
    async createSchedule({ body, caller, traceId, grant, idempotencyKey: key, bodyHash }) {
      const { request, name, at, every, zone = timeZone, missed, overlap } = body;
      refuseBoundRequest(request);
      const { graph } = await planning.make(request, traceId);
      return schedules.create({
        caller: engineCaller(caller),
        request,
        graph,
        wish: { name, at, every, zone, missed, overlap },
        approval: request.approval ?? false,
        fsRoots: await grants.roots(grant),
        ...(key !== undefined && bodyHash !== undefined && { idempotency: { key, route: "POST /agent/schedule", bodyHash } }),
      });
    },
    async patchSchedule({ params, body, caller }) {
      const scheduleId = need(params, "schedule_id");
      const { paused, reason, ...wish } = body;
      const by = engineCaller(caller);
      if (Object.keys(wish).length === 0 && paused === undefined) {
        throw new KosError("BAD_REQUEST", "Nothing is to be changed. Give paused, name, at, every, zone, missed or overlap.");
      }
      if (Object.keys(wish).length > 0) await schedules.change(by, scheduleId, wish);
      if (paused === true) await schedules.pause(by, scheduleId, reason);
      if (paused === false) await schedules.resume(by, scheduleId, reason);
      return schedules.get(caller.tenant, scheduleId);
    },
    removeSchedule: ({ params, caller }) => schedules.remove(engineCaller(caller), need(params, "schedule_id")),
    async runSchedule({ params, caller, idempotencyKey: key }) {
      const scheduleId = need(params, "schedule_id");
      const route = `POST /agent/schedule/${scheduleId}/run`;
      return schedules.run(engineCaller(caller), scheduleId, key === undefined ? undefined : { key, route, bodyHash: "" });
    },
  };
}

/** A run is a plan of its own, made when it is due. */
function refuseBoundRequest(request: ScheduleRequest["request"]): void {
  for (const field of ["plan_id", "parent"] as const) {
    if (request[field] !== undefined) {
      throw new KosError(
        "BAD_REQUEST",
        `A schedule makes a new plan for each run, so its request takes no ${field}. Give the plan itself.`,
      );
    }
  }
}
