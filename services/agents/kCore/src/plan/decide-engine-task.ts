// Tasks the engine carries out as states of its own: waiting for a time, for an answer, for a person's yes.

import { KosError } from "@kos/klp";
import { fitsSchema, schemaProblems } from "@kos/plan";
import { approvalReason, askUnlessApproved } from "./call-approval.ts";
import { callDigest } from "./call-digest.ts";
import { type DecideEnv, event } from "./decide-env.ts";
import {
  ApproveInput,
  type ApproveParams,
  AskInput,
  type AskParams,
  type EngineCapability,
  SleepInput,
  type SleepParams,
} from "./engine-capability.ts";
import { isoTime } from "./iso-time.ts";
import type { PlanEvent } from "./plan-event.ts";
import { MAX_VALUE_BYTES, type PlanState, type TaskState } from "./plan-state.ts";
import { inputHash, prepareParams, type Supply } from "./prepare-call.ts";
import { labelled, needsBlob } from "./values.ts";

const INPUTS = { "flow.sleep": SleepInput, "human.ask": AskInput, "human.approve": ApproveInput } as const;
/** Stands for the agent in the digest of human.approve: the call is made to a person. */
export const PERSON_TARGET = "person";

/** Stands for the agent in the digest of an approval of what the engine does itself. */
const ENGINE_TARGET = "kCore:main";

/** Sets the timer, or asks; asks for leave first where the plan wants that. Errors: BAD_REQUEST for params that do not fit. */
export function decideEngineTask(
  state: PlanState,
  task: TaskState,
  capability: EngineCapability,
  supply: Supply,
  env: DecideEnv,
): PlanEvent[] {
  const { params, labels } = prepareParams(state, task, supply);
  if (!fitsSchema(INPUTS[capability], params.value)) {
    const [problem] = schemaProblems(INPUTS[capability], params.value, "$.params");
    throw new KosError(
      "BAD_REQUEST",
      `The params of ${capability} do not fit: ${problem?.path ?? "$.params"}: ${problem?.message ?? "wrong shape"}.`,
    );
  }
  if (needsBlob(params)) {
    throw new KosError(
      "TOO_LARGE",
      `The params of ${capability} have ${params.bytes} bytes; what a person is shown has at most ${MAX_VALUE_BYTES}. Put the rest into an artifact.`,
    );
  }
  // human.approve is a question for leave itself: its yes is the yes to the call.
  const reason = capability === "human.approve" ? undefined : approvalReason(task, []);
  if (reason !== undefined) {
    const asked = askUnlessApproved(state, task, { capability, params, labels, target: ENGINE_TARGET }, reason, env);
    if (asked !== undefined) return asked;
  }
  const approved = reason === undefined || task.approval === undefined ? {} : { approval_id: task.approval.id };
  const input_hash = inputHash(capability, env.offer(capability)?.version ?? "", params.text);
  switch (capability) {
    case "flow.sleep":
      return [
        event("task.timer_set", {
          task_id: task.id,
          fire_at: isoTime(fireAtMs(params.value as SleepParams, env)),
          labels,
          input_hash,
          ...approved,
        }),
      ];
    case "human.ask": {
      const { question, choices, schema } = params.value as AskParams;
      const { timeout_ms: timeoutMs } = task.shape.task;
      return [
        event("input.requested", {
          input_id: env.newId(),
          task_id: task.id,
          purpose: "answer",
          question,
          input_hash,
          ...approved,
          ...(choices && { choices }),
          ...(schema !== undefined && { schema }),
          ...(timeoutMs !== undefined && { expires_at: isoTime(env.nowMs + timeoutMs) }),
        }),
      ];
    }
    case "human.approve":
      return [
        event("approval.requested", {
          approval_id: env.newId(),
          kind: "call",
          task_id: task.id,
          digest: callDigest(state, task, capability, params.hash, PERSON_TARGET),
          title: (params.value as ApproveParams).title,
          reason: "the plan waits for a person's decision",
          capability,
          target: PERSON_TARGET,
          generation: task.generation,
          params: labelled(params, labels, "params"),
        }),
      ];
  }
}

function fireAtMs(params: SleepParams, env: DecideEnv): number {
  const { ms, until } = params;
  if ((ms === undefined) === (until === undefined)) throw new KosError("BAD_REQUEST", "flow.sleep takes exactly one of ms and until.");
  if (ms !== undefined) return env.nowMs + ms;
  const at = Date.parse(until ?? "");
  if (Number.isNaN(at)) throw new KosError("BAD_REQUEST", `flow.sleep: "${until}" is not an RFC 3339 time like 2026-11-22T09:00:00Z.`);
  return at;
}
