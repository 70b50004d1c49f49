// Events of a run as sentences, for its log. What an event says of itself is data: names and messages are put in as they are.

import type { ServerFrame } from "@kos/api";
import { plural } from "../format/quantity.ts";

export type Tone = "plain" | "good" | "bad" | "wait" | "quiet";

export interface LogLine {
  readonly seq: number;
  readonly at: string;
  readonly taskId: string | undefined;
  readonly tone: Tone;
  readonly text: string;
  /** The event's own name, for those who know them. */
  readonly event: string;
}

type Data = Readonly<Record<string, unknown>>;
type Said = readonly [tone: Tone, text: string];

/** Undefined for a frame that is no event of a run. */
export function logLineOf(frame: ServerFrame): LogLine | undefined {
  const data = record(frame.payload.data);
  const event = text(data["event"]);
  if (event === undefined || frame.seq === undefined) return undefined;
  const [tone, sentence] = sentenceOf(event, data);
  return { seq: frame.seq, at: frame.timestamp, taskId: frame.task_id ?? undefined, tone, text: sentence, event };
}

function sentenceOf(event: string, data: Data): Said {
  return planSentence(event, data) ?? taskSentence(event, data) ?? ["plain", event.replaceAll(/[._]/g, " ")];
}

function planSentence(event: string, data: Data): Said | undefined {
  switch (event) {
    case "plan.created":
      return ["plain", `The plan was made by ${who(data["created_by"])}.`];
    case "plan.changed":
      return ["plain", `The plan was changed by ${who(data["by"])}; approvals are void.`];
    case "plan.started":
      return ["plain", "The run began."];
    case "plan.paused":
      return ["wait", `Paused by ${who(data["by"])}${because(data)}. What runs goes on to its end.`];
    case "plan.resumed":
      return ["plain", `Resumed by ${who(data["by"])}.`];
    case "plan.cancel_requested":
      return ["wait", `${capital(who(data["by"]))} asked to cancel${because(data)}.`];
    case "plan.halted":
      return ["bad", `Nothing new is started: ${errorOf(data)}`];
    case "plan.finished":
      return finished(data);
    case "approval.requested":
      return ["wait", `Waits for approval: ${text(data["title"]) ?? "a call"}.`];
    case "approval.decided":
      return data["decision"] === "approved"
        ? ["good", `Approved by ${who(data["by"])}${because(data)}.`]
        : ["bad", `Denied by ${who(data["by"])}${because(data)}.`];
    case "approval.expired":
      return ["quiet", "The approval is not valid any more and is asked for again where it is needed."];
    case "input.requested":
      return ["wait", `Asks: ${text(data["question"]) ?? ""}`];
    case "input.answered":
      return ["good", `Answered by ${who(data["by"])}.`];
    case "input.expired":
      return ["quiet", "The question is not asked any more."];
    case "subtasks.added":
      return ["plain", `Added ${plural(list(data["tasks"]).length, "task")} below ${text(data["parent_id"]) ?? "a task"}.`];
    default:
      return undefined;
  }
}

function taskSentence(event: string, data: Data): Said | undefined {
  switch (event) {
    case "task.expanded":
      return ["plain", `Split into ${plural(count(data["count"]), "item")}.`];
    case "task.dispatched":
      return [
        "plain",
        `${count(data["attempt"]) > 1 ? `Attempt ${count(data["attempt"])}` : "Started"} on ${text(data["agent"]) ?? "an agent"}.`,
      ];
    case "task.lease_renewed":
      return ["quiet", "Still at work."];
    case "task.effect_begun":
      return ["plain", "Its effect outside begins."];
    case "task.attempt_failed":
      return ["wait", `Did not work, will be tried again: ${errorOf(data)}`];
    case "task.attempt_lost":
      return ["wait", `Cut off (${words(data["cause"])}), goes on with another attempt.`];
    case "task.succeeded":
    case "task.joined":
      return ["good", "Done."];
    case "task.reused":
      return ["good", "Taken over from an earlier run."];
    case "task.skipped":
      return ["quiet", "Skipped: its condition does not hold."];
    case "task.failed":
      return ["bad", `Failed: ${errorOf(data)}`];
    case "task.cancel_requested":
      return ["quiet", "Asked to stop."];
    case "task.cancelled":
      return ["quiet", "Cancelled."];
    case "task.in_doubt":
      return ["wait", `Cut off (${words(data["cause"])}) after its effect had begun: whether it happened is not known.`];
    case "task.resolved":
      return ["plain", `Settled by ${who(data["by"])} as ${words(data["outcome"])}${because(data)}.`];
    case "task.result_ignored":
      return ["quiet", "A late result was noted; it changes nothing."];
    case "task.fallback_started":
      return ["wait", `Goes on with its fallback ${text(data["capability"]) ?? ""}.`];
    case "task.timer_set":
      return ["plain", "Waits until its time has come."];
    case "task.timer_fired":
      return ["plain", "Its time has come."];
    case "review.requested":
      return ["plain", "The result is under review."];
    case "review.decided":
      return reviewed(data);
    case "review.failed":
      return ["wait", `The review itself did not come about: ${errorOf(data)}`];
    case "value.declassified":
      return ["quiet", "A checked value counts as trusted from here on."];
    default:
      return undefined;
  }
}

function finished(data: Data): Said {
  switch (data["status"]) {
    case "succeeded":
      return ["good", "The run has succeeded."];
    case "cancelled":
      return ["quiet", "The run was cancelled."];
    default:
      return ["bad", `The run has failed: ${errorOf(data)}`];
  }
}

function reviewed(data: Data): Said {
  const [finding] = list(record(data["verdict"])["findings"]);
  const said = text(record(finding)["message"]);
  if (data["next"] === "accept") return ["good", "The review accepts it."];
  return [
    data["next"] === "fail" ? "bad" : "wait",
    `The review does not accept it${said === undefined ? "" : `: ${said}`}. Next: ${words(data["next"])}.`,
  ];
}

function errorOf(data: Data): string {
  const error = record(data["error"]);
  return text(error["message"]) ?? text(error["code"]) ?? "no reason was given.";
}

function because(data: Data): string {
  const reason = text(data["reason"]);
  return reason === undefined || reason === "" ? "" : ` (“${reason}”)`;
}

/** `person:owner` is the owner. */
function who(value: unknown): string {
  const name = text(value) ?? "somebody";
  return name === "person:owner" ? "the owner" : name;
}

function words(value: unknown): string {
  return (text(value) ?? "unknown").replaceAll("_", " ");
}

function capital(value: string): string {
  return value.charAt(0).toUpperCase() + value.slice(1);
}

function record(value: unknown): Data {
  return typeof value === "object" && value !== null ? (value as Data) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
