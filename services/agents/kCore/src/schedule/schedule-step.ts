// What a partition does with its schedules: reads them once, takes commands, sees to due times, and starts the plans of runs.

import { isKosError, KosError } from "@kos/klp";
import { openPlan, refuse } from "../partition/command-step.ts";
import type { PartitionCore } from "../partition/partition-core.ts";
import type { PartitionInput, ReplyId } from "../partition/partition-io.ts";
import {
  decideChange,
  decideCreate,
  decideDueSchedule,
  decidePauseSchedule,
  decideRefused,
  decideRemove,
  decideResumeSchedule,
  decideRunNow,
  decideStarted,
} from "./decide-schedule.ts";
import { askAgain, askForPlans } from "./make-run.ts";
import { beginSchedule, recordSchedule } from "./record-schedule.ts";
import type { ScheduleEntry } from "./schedule-book.ts";
import type { ScheduleEvent } from "./schedule-event.ts";

export type ScheduleInput = Extract<
  PartitionInput,
  { kind: "open_schedules" | "schedules_loaded" | "schedule" | "run_made" | "run_not_made" | "drop_schedule" }
>;
type CommandInput = Extract<ScheduleInput, { kind: "schedule" }>;

/** Schedules seen to in one turn at most: working a due time out takes a millisecond. */
const DUE_A_TURN = 25;
const MOST_TRIES = 5;
const TRY_AGAIN_MS = 10_000;

export function onScheduleInput(core: PartitionCore, input: ScheduleInput): void {
  const { schedules: book } = core;
  switch (input.kind) {
    case "open_schedules":
      book.hasTimers ||= input.timers;
      if (book.phase === "closed") load(core);
      else for (const entry of book.entries.values()) book.arrange(entry);
      return;
    case "schedules_loaded":
      return onLoaded(core, input);
    case "schedule":
      if (book.phase === "open") return onCommand(core, input);
      book.waiting.push(input);
      if (book.phase === "closed") load(core);
      return;
    case "run_made":
      return onMade(core, input);
    case "run_not_made":
      return onNotMade(core, input);
    case "drop_schedule":
      return onDrop(core, input.scheduleId);
  }
}

function load(core: PartitionCore): void {
  core.schedules.phase = "loading";
  core.ports.emit({ kind: "load_schedules" });
}

function onLoaded(core: PartitionCore, { states }: Extract<ScheduleInput, { kind: "schedules_loaded" }>): void {
  const { schedules: book } = core;
  if (book.phase === "open") return;
  book.phase = "open";
  for (const state of states) {
    const entry = book.open(state);
    if (book.hasTimers) askForPlans(core, entry);
    else book.arrange(entry);
  }
  for (const waiting of book.waiting.splice(0)) if (waiting.kind === "schedule") onCommand(core, waiting);
}

function onCommand(core: PartitionCore, input: CommandInput): void {
  const { command, scheduleId, tenant } = input;
  const entry = core.schedules.entries.get(scheduleId);
  if (command.kind === "create") return onCreate(core, input, entry);
  // What belongs to another tenant is not there ([R29]).
  if (entry === undefined || entry.state.tenant !== tenant) {
    return refuse(core, input.reply, new KosError("NOT_FOUND", `There is no schedule ${scheduleId.slice(0, 80)}.`));
  }
  if (command.kind === "continue") return onContinue(core, entry, input.reply);
  if (command.kind === "run" && command.key !== undefined && answerKnownRun(core, entry, command.key, input.reply)) return;
  let events: readonly ScheduleEvent[];
  try {
    events = decideCommand(core, entry, input);
  } catch (error) {
    return refuse(core, input.reply, asKosError(error));
  }
  recordSchedule(core, entry, events);
  dropMaking(core, entry);
  const fired = events.find((one) => one.type === "schedule.fired");
  if (fired !== undefined && !fired.payload.queued) entry.replies.set(fired.payload.run, input.reply);
  else reply(core, input.reply, scheduleId);
  askForPlans(core, entry);
}

function decideCommand(core: PartitionCore, { state }: ScheduleEntry, { actor, command }: CommandInput): readonly ScheduleEvent[] {
  switch (command.kind) {
    case "create":
      return [];
    case "change":
      return decideChange(state, command, actor, core.nowMs);
    case "pause":
      return decidePauseSchedule(state, actor, command.reason);
    case "resume":
      return decideResumeSchedule(state, actor, command.reason, core.nowMs);
    case "remove":
      return decideRemove(state, actor, command.reason);
    case "run":
      return decideRunNow(state, actor, command.key, core.nowMs);
    case "continue":
      return [];
  }
}

/** The id follows from the Idempotency-Key where there is one, so the same key meets what it made before ([R112]). */
function onCreate(core: PartitionCore, { reply: to, tenant, scheduleId, command }: CommandInput, known: ScheduleEntry | undefined): void {
  if (command.kind !== "create") return;
  if (known !== undefined) {
    if (known.state.tenant === tenant && known.state.idempotency?.body_hash === command.idempotency?.body_hash)
      return reply(core, to, scheduleId);
    const message = "This Idempotency-Key was used for another schedule. Use a new key, or send the first request again unchanged.";
    return refuse(core, to, new KosError("CONFLICT", message));
  }
  const [created] = decideCreate(scheduleId, command.definition, command.idempotency, core.nowMs);
  if (created === undefined) return;
  const state = beginSchedule(core, tenant, core.ports.newId(), created);
  core.schedules.arrange(core.schedules.open(state));
  reply(core, to, scheduleId);
}

/** The same key does not run it twice. */
function answerKnownRun(core: PartitionCore, entry: ScheduleEntry, key: string, to: ReplyId): boolean {
  const { open, ended } = entry.state;
  const known = open.find((run) => run.key === key) ?? ended.find((run) => run.key === key);
  if (known === undefined) return false;
  reply(core, to, known.planId ?? entry.id);
  return true;
}

function onMade(core: PartitionCore, { scheduleId, run, planId, submission, notes }: Extract<ScheduleInput, { kind: "run_made" }>): void {
  const entry = core.schedules.entries.get(scheduleId);
  if (entry === undefined || !entry.making.delete(run)) return;
  const open = entry.state.open.find((one) => one.run === run);
  if (open === undefined || open.planId !== null) return;
  const to = entry.replies.get(run);
  entry.replies.delete(run);
  // One commit: there is no run without its plan, and no plan without its run.
  recordSchedule(core, entry, decideStarted(open, planId, notes));
  openPlan(core, planId, entry.state.tenant, {
    ...submission,
    schedule: { schedule_id: scheduleId, run, due_at: new Date(open.dueAtMs).toISOString(), notes },
  });
  if (to !== undefined) reply(core, to, planId);
  core.schedules.arrange(entry);
}

function onNotMade(core: PartitionCore, { scheduleId, run, error }: Extract<ScheduleInput, { kind: "run_not_made" }>): void {
  const entry = core.schedules.entries.get(scheduleId);
  const making = entry?.making.get(run);
  const open = entry?.state.open.find((one) => one.run === run);
  if (entry === undefined || making === undefined || open === undefined) return;
  if (error.retryable && making.tries < MOST_TRIES) {
    making.againAtMs = core.nowMs + TRY_AGAIN_MS * making.tries;
    core.schedules.arrange(entry);
    return;
  }
  entry.making.delete(run);
  const { code, message, retryable, details } = error;
  recordSchedule(core, entry, decideRefused(open, { code, message, retryable, ...(details && { details }) }));
  const to = entry.replies.get(run);
  entry.replies.delete(run);
  if (to !== undefined) refuse(core, to, error);
  askForPlans(core, entry);
}

/** From here on it is written to a stream of its own that begins with what is known: the one before can be removed. */
function onContinue(core: PartitionCore, entry: ScheduleEntry, to: ReplyId): void {
  const { state } = entry;
  entry.state = beginSchedule(core, state.tenant, core.ports.newId(), { type: "schedule.continued", payload: { state } });
  reply(core, to, entry.id);
}

/** One that is over for good is forgotten; whoever asked for it removes its row. */
function onDrop(core: PartitionCore, scheduleId: string): void {
  const { entries, wakes } = core.schedules;
  const entry = entries.get(scheduleId);
  if (entry === undefined || entry.state.open.length > 0 || (!entry.state.removed && entry.state.nextAtMs !== null)) return;
  wakes.remove(entry);
  entries.delete(scheduleId);
}

/** Sees to what is due, a part of it a turn. */
export function onScheduleTick(core: PartitionCore): void {
  const { wakes } = core.schedules;
  for (let left = DUE_A_TURN; left > 0; left--) {
    const entry = wakes.first;
    if (entry === undefined || entry.atMs > core.nowMs) return;
    askAgain(core, entry);
    if (core.schedules.hasTimers) recordSchedule(core, entry, decideDueSchedule(entry.state, core.nowMs));
    askForPlans(core, entry);
  }
}

/** Whoever waited for a run that will not come hears so. */
function dropMaking(core: PartitionCore, entry: ScheduleEntry): void {
  for (const run of [...entry.making.keys()]) {
    if (entry.state.open.some((one) => one.run === run)) continue;
    entry.making.delete(run);
    const to = entry.replies.get(run);
    entry.replies.delete(run);
    if (to !== undefined) refuse(core, to, new KosError("CANCELLED", `Schedule ${entry.id} was removed before its run began.`));
  }
}

function reply(core: PartitionCore, to: ReplyId, id: string): void {
  core.outbox.hold({ kind: "reply", reply: to, accepted: { planId: id, status: undefined } });
}

function asKosError(error: unknown): KosError {
  return isKosError(error) ? error : new KosError("INTERNAL", "The command could not be decided.", { cause: error });
}
