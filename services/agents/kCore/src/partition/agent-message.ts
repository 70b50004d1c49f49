// Whether what an agent sent has the shape of a message. The sender is known by its proof; its content is not to be trusted for that.

import type { MessageFromAgent } from "@kos/agent";

export function isAgentMessage(message: unknown): message is MessageFromAgent {
  if (!isRecord(message) || typeof message["plan_id"] !== "string" || typeof message["task_id"] !== "string") return false;
  const { type, payload } = message;
  if (!isRecord(payload) || !Number.isSafeInteger(payload["attempt"]) || typeof payload["lease_token"] !== "string") return false;
  switch (type) {
    case "TASK_PROGRESS":
      return isRecord(payload["progress"]) || payload["effect"] === "begin" || isCheckpoint(payload);
    case "TASK_RESULT":
    case "REVIEW_VERDICT":
    case "PLAN_GRAPH":
      return "output" in payload && isDuration(payload["run_ms"]);
    case "TASK_ERROR":
      return isDuration(payload["run_ms"]) && isError(payload["error"]);
    default:
      return false;
  }
}

function isCheckpoint(payload: Readonly<Record<string, unknown>>): boolean {
  return "checkpoint" in payload && Number.isSafeInteger(payload["n"]) && Number(payload["n"]) > 0;
}

function isError(error: unknown): boolean {
  return (
    isRecord(error) && typeof error["code"] === "string" && typeof error["message"] === "string" && typeof error["retryable"] === "boolean"
  );
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
