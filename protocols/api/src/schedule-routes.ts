// Routes about schedules.

import Type from "typebox";
import { PageQuery } from "./common-schema.ts";
import type { Route } from "./route.ts";
import {
  DueTimesQuery,
  DueTimesSchema,
  SchedulePage,
  SchedulePatchSchema,
  ScheduleRequestSchema,
  ScheduleRunAcceptedSchema,
  ScheduleViewSchema,
} from "./schedule-api.ts";

export const SCHEDULE_ROUTES = {
  schedules: {
    method: "GET",
    path: "/agent/schedule",
    scope: "read:plan",
    status: 200,
    tag: "schedule",
    summary: "Schedules, newest first; removed ones only with `all`",
    query: Type.Object({ ...PageQuery, all: Type.Optional(Type.Boolean()) }),
    response: SchedulePage,
  },
  schedule: {
    method: "GET",
    path: "/agent/schedule/:schedule_id",
    scope: "read:plan",
    status: 200,
    tag: "schedule",
    summary: "One schedule with its newest runs",
    response: ScheduleViewSchema,
  },
  dueTimes: {
    method: "GET",
    path: "/agent/due-times",
    scope: "read:plan",
    status: 200,
    tag: "schedule",
    summary: "When a schedule would be due next, before it is made",
    query: Type.Object(DueTimesQuery),
    response: DueTimesSchema,
  },
  createSchedule: {
    method: "POST",
    path: "/agent/schedule",
    scope: "write:plan",
    status: 201,
    tag: "schedule",
    summary: "Run a request at a time to come, or again and again",
    body: ScheduleRequestSchema,
    response: ScheduleViewSchema,
  },
  patchSchedule: {
    method: "PATCH",
    path: "/agent/schedule/:schedule_id",
    scope: "write:plan",
    status: 200,
    tag: "schedule",
    summary: "Pause, resume, or change name, time, zone and policies",
    body: SchedulePatchSchema,
    response: ScheduleViewSchema,
  },
  removeSchedule: {
    method: "DELETE",
    path: "/agent/schedule/:schedule_id",
    scope: "write:plan",
    status: 200,
    tag: "schedule",
    summary: "No further runs; what runs goes on",
    response: ScheduleViewSchema,
  },
  runSchedule: {
    method: "POST",
    path: "/agent/schedule/:schedule_id/run",
    scope: "write:plan",
    status: 202,
    tag: "schedule",
    summary: "One run now, beside the due times",
    response: ScheduleRunAcceptedSchema,
  },
} as const satisfies Readonly<Record<string, Route>>;
