// An agent's word as decisions take it, and the two short answers to it: that it is on disk, and that its call does not count.

import type { LeaseRef, ResultAckPayload } from "@kos/agent";
import type { CallWord } from "../plan/decide-result.ts";
import type { PartitionCore } from "./partition-core.ts";
import type { PartitionInput } from "./partition-io.ts";

export type MessageInput = Extract<PartitionInput, { kind: "message" }>;

/** What an acknowledgement says beside the lease. */
type Acknowledged = ResultAckPayload extends infer Payload ? (Payload extends LeaseRef ? Omit<Payload, keyof LeaseRef> : never) : never;

export function wordOf(input: MessageInput): CallWord {
  const { message } = input;
  return {
    taskId: message.task_id,
    agent: input.agent,
    attempt: message.payload.attempt,
    leaseToken: message.payload.lease_token,
    envelopeHash: input.envelopeHash,
  };
}

/** Tells the agent that its word is on disk, or need not be said again. */
export function acknowledge(core: PartitionCore, { agent, message }: MessageInput, what: Acknowledged): void {
  const payload = { ...leaseOf(message), ...what } as ResultAckPayload;
  core.outbox.hold({ kind: "send", agent, message: { type: "RESULT_ACK", plan_id: message.plan_id, task_id: message.task_id, payload } });
}

/** Tells the agent that its call is over, whatever it still wants to do in it. */
export function tellToStop(core: PartitionCore, { agent, message }: MessageInput, reason: string): void {
  const payload = { ...leaseOf(message), reason };
  core.outbox.hold({ kind: "send", agent, message: { type: "TASK_CANCEL", plan_id: message.plan_id, task_id: message.task_id, payload } });
}

function leaseOf({ payload }: MessageInput["message"]): LeaseRef {
  return { attempt: payload.attempt, lease_token: payload.lease_token };
}
