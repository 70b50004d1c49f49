// Bodies and answers about schedules: what is run again and again, or at a time to come.

import Type, { type Static } from "typebox";
import { Page, Problem, Timestamp } from "./common-schema.ts";
import { TaskRequestSchema } from "./plan-api.ts";

const strict = { additionalProperties: false } as const;

const At = Type.String({
  minLength: 1,
  maxLength: 40,
  description: "One time: RFC 3339 with an offset, or a local date and time of the zone, `2027-03-01T09:00`.",
});
const Every = Type.String({
  minLength: 1,
  maxLength: 200,
  description: "A cron pattern of five fields (six with seconds), `@daily` and the like, or an interval: `90s`, `15m`, `6h`, `1d`.",
});
const Zone = Type.String({ minLength: 1, maxLength: 64, description: "IANA time zone; default profile.time_zone." });
const Missed = Type.Union([Type.Literal("skip"), Type.Literal("once"), Type.Literal("all")], {
  description: "Due times that passed while no node was up: none, the newest one, or all of them (the newest 100). Default once.",
});
const Overlap = Type.Union([Type.Literal("skip"), Type.Literal("queue"), Type.Literal("allow")], {
  description: "When it is due while a run is under way: leave it out, run it afterwards (10 wait at most), or run both. Default skip.",
});
const Name = Type.String({ minLength: 1, maxLength: 100 });

/** `POST /agent/schedule`: exactly one of `at` and `every`. `request` is the body of `POST /agent/task`; its plan is made anew for each run. */
export const ScheduleRequestSchema = Type.Object(
  {
    request: TaskRequestSchema,
    name: Type.Optional(Name),
    at: Type.Optional(At),
    every: Type.Optional(Every),
    zone: Type.Optional(Zone),
    missed: Type.Optional(Missed),
    overlap: Type.Optional(Overlap),
  },
  strict,
);
export type ScheduleRequest = Static<typeof ScheduleRequestSchema>;

/** `PATCH /agent/schedule/:id`. What it runs and what it may read are fixed: make another schedule for that. */
export const SchedulePatchSchema = Type.Object(
  {
    paused: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String({ maxLength: 1000 })),
    name: Type.Optional(Name),
    at: Type.Optional(At),
    every: Type.Optional(Every),
    zone: Type.Optional(Zone),
    missed: Type.Optional(Missed),
    overlap: Type.Optional(Overlap),
  },
  strict,
);
export type SchedulePatch = Static<typeof SchedulePatchSchema>;

/** Query of `GET /agent/due-times`: what a schedule would be made of. */
export const DueTimesQuery = { at: Type.Optional(At), every: Type.Optional(Every), zone: Type.Optional(Zone) };
export const DueTimesSchema = Type.Object({
  zone: Type.String(),
  /** The next five, in order; fewer where no more follow. */
  times: Type.Array(Timestamp),
});
export type DueTimes = Static<typeof DueTimesSchema>;

const ScheduleRunSchema = Type.Object({
  /** Counts from 1. */
  run: Type.Integer(),
  due_at: Timestamp,
  fired_at: Timestamp,
  /** `missed`: made up for after its time. `person`: asked for. */
  cause: Type.Union([Type.Literal("time"), Type.Literal("missed"), Type.Literal("person")]),
  plan_id: Type.Optional(Type.String()),
  status: Type.Union(
    [
      Type.Literal("queued"),
      Type.Literal("starting"),
      Type.Literal("running"),
      Type.Literal("succeeded"),
      Type.Literal("failed"),
      Type.Literal("cancelled"),
      Type.Literal("refused"),
    ],
    { description: "refused: no plan could be made." },
  ),
  ended_at: Type.Optional(Timestamp),
  error: Type.Optional(Problem),
  /** For people: what was not as it was when the schedule was made. */
  notes: Type.Array(Type.String()),
});
export type ScheduleRun = Static<typeof ScheduleRunSchema>;

export const ScheduleViewSchema = Type.Object({
  schedule_id: Type.String(),
  name: Type.String(),
  status: Type.Union([Type.Literal("active"), Type.Literal("paused"), Type.Literal("ended"), Type.Literal("removed")]),
  request: Type.Unknown(),
  at: Type.Optional(Timestamp),
  every: Type.Optional(Type.String()),
  zone: Type.String(),
  missed: Missed,
  overlap: Overlap,
  /** Absolute folders and files that were granted when it was made. */
  fs_roots: Type.Array(Type.String()),
  playbook: Type.Optional(Type.Object({ name: Type.String(), hash: Type.String() })),
  created_by: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
  /** Null: no due time is left, or it is paused. */
  next_at: Type.Union([Timestamp, Type.Null()]),
  /** Runs fired so far. */
  runs_total: Type.Integer(),
  /** Under way, then ended ones; newest first, the last 20. */
  runs: Type.Array(ScheduleRunSchema),
});
export type ScheduleView = Static<typeof ScheduleViewSchema>;
export const SchedulePage = Page(ScheduleViewSchema);

/** `plan_id` is absent while the run waits behind another. */
export const ScheduleRunAcceptedSchema = Type.Object({ schedule_id: Type.String(), plan_id: Type.Optional(Type.String()) });
export type ScheduleRunAccepted = Static<typeof ScheduleRunAcceptedSchema>;
