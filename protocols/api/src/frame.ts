// WebSocket frames of `/ws`, both directions. Shapes of the specification plus plan_id, seq, cursor and correlation_id.

import Type, { type Static } from "typebox";
import { DecisionSchema, TaskRequestSchema } from "./plan-api.ts";

export const SERVER_FRAME_TYPES = [
  "AGENT_RESULT",
  "AGENT_ERROR",
  "TASK_PROGRESS",
  "TASK_UPDATE",
  "PLAN_UPDATE",
  "STREAM_CHUNK",
  "SYSTEM_STATUS",
  "AGENT_STATUS",
  "APPROVAL_REQUESTED",
  "INPUT_REQUESTED",
  "SECURITY_ALERT",
  "LOG",
  "CONFIG_UPDATE",
  "HEARTBEAT",
] as const;
export type ServerFrameType = (typeof SERVER_FRAME_TYPES)[number];

/** Without a cursor, never replayed: on resume the latest state is sent. */
export const TRANSIENT_FRAME_TYPES: readonly ServerFrameType[] = ["STREAM_CHUNK", "TASK_PROGRESS", "LOG", "HEARTBEAT", "SYSTEM_STATUS"];

export interface ServerFrame {
  readonly type: ServerFrameType;
  /** Role address of the agent it is about; `kCore:main` where it is about a plan. */
  readonly agent: string;
  readonly task_id: string | null;
  readonly plan_id?: string;
  readonly payload: { readonly status: string; readonly data: unknown };
  readonly timestamp: string;
  /** Position within its plan, without gaps. */
  readonly seq?: number;
  /** Opaque; what `since` takes. */
  readonly cursor?: string;
  /** The `id` of the client frame this answers. */
  readonly correlation_id?: string;
}

const strict = { additionalProperties: false } as const;
const id = Type.Optional(Type.String({ maxLength: 100 }));
/** `plan:<id>`, `agent:<id>`, `plans`, `agents`, `system`, `log`, `alerts`. */
const Topic = Type.String({ pattern: "^(plan:[0-9a-f-]{36}|agent:[A-Za-z0-9:_.-]{1,100}|plans|agents|system|log|alerts)$" });
const Topics = Type.Array(Topic, { minItems: 1, maxItems: 100 });

export const ClientFrameSchema = Type.Union([
  Type.Object({ type: Type.Literal("AUTH"), id, token: Type.String({ maxLength: 4096 }) }, strict),
  Type.Object({ type: Type.Literal("SUBSCRIBE"), id, topics: Topics, since: Type.Optional(Type.String({ maxLength: 500 })) }, strict),
  Type.Object({ type: Type.Literal("UNSUBSCRIBE"), id, topics: Topics }, strict),
  Type.Object(
    { type: Type.Literal("TASK_REQUEST"), id, request: TaskRequestSchema, idempotency_key: Type.Optional(Type.String({ maxLength: 200 })) },
    strict,
  ),
  Type.Object(
    { type: Type.Literal("CANCEL"), id, plan_id: Type.String(), reason: Type.Optional(Type.String({ maxLength: 1000 })) },
    strict,
  ),
  Type.Object({ type: Type.Literal("APPROVE"), id, approval_id: Type.String(), ...DecisionSchema.properties }, strict),
  Type.Object({ type: Type.Literal("ANSWER"), id, input_id: Type.String(), answer: Type.Unknown() }, strict),
  Type.Object({ type: Type.Literal("HEARTBEAT"), id }, strict),
]);
export type ClientFrame = Static<typeof ClientFrameSchema>;
