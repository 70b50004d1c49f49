// Turns what the engine publishes into WebSocket frames: one frame an event, so that `seq` has no gaps within a plan.

import type { ServerFrame, ServerFrameType } from "@kos/api";
import type { Published } from "@kos/kcore";

type PublishedEvent = Extract<Published, { kind: "event" }>;

const ENGINE_AGENT = "kCore:main";

/** Types of the specification where one fits; everything else about a task or plan is an update. */
const TYPE_OF_EVENT: Readonly<Record<string, ServerFrameType>> = {
  "approval.requested": "APPROVAL_REQUESTED",
  "input.requested": "INPUT_REQUESTED",
  "task.succeeded": "AGENT_RESULT",
  "task.failed": "AGENT_ERROR",
};

const STATUS_OF_EVENT: Readonly<Record<string, string>> = { "task.succeeded": "success", "task.failed": "error" };

/** Made once for all who are told. */
const made = new WeakMap<Published, ServerFrame>();

export function frameOf(published: Published): ServerFrame {
  const known = made.get(published);
  if (known !== undefined) return known;
  const frame = makeFrame(published);
  made.set(published, frame);
  return frame;
}

function makeFrame(published: Published): ServerFrame {
  switch (published.kind) {
    case "event":
      return eventFrame(published);
    case "progress":
      return {
        type: "TASK_PROGRESS",
        agent: published.agent,
        task_id: published.task_id,
        plan_id: published.plan_id,
        payload: { status: "running", data: published.progress },
        timestamp: published.at,
      };
    case "schedule":
      return {
        type: "SYSTEM_STATUS",
        agent: ENGINE_AGENT,
        task_id: null,
        payload: { status: published.type, data: { schedule_id: published.schedule_id, ...fieldsOf(published.payload) } },
        timestamp: published.at,
      };
    case "agent":
      return {
        type: "AGENT_STATUS",
        agent: published.agent,
        task_id: null,
        payload: { status: published.state, data: { reason: published.reason ?? null } },
        timestamp: published.at,
      };
  }
}

function eventFrame(event: PublishedEvent): ServerFrame {
  const fields = fieldsOf(event.payload);
  const about = event.type.startsWith("plan.") ? "PLAN_UPDATE" : "TASK_UPDATE";
  return {
    type: TYPE_OF_EVENT[event.type] ?? about,
    agent: textIn(fields, "agent") ?? ENGINE_AGENT,
    task_id: textIn(fields, "task_id") ?? null,
    plan_id: event.plan_id,
    payload: {
      status: STATUS_OF_EVENT[event.type] ?? event.plan_status,
      data: { event: event.type, plan_status: event.plan_status, ...fields },
    },
    timestamp: event.at,
    seq: event.seq,
    cursor: event.cursor,
  };
}

function fieldsOf(payload: unknown): Readonly<Record<string, unknown>> {
  return typeof payload === "object" && payload !== null ? (payload as Readonly<Record<string, unknown>>) : {};
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}
