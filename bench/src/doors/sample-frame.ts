// The event that is fanned out: the end of a task with about 200 bytes of result.

import type { Published } from "@kos/kcore";
import { frameOf } from "../../../apps/kos/src/doors/frame.ts";

const PLAN_ID = "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071";
const PAYLOAD = { task_id: "step-7", attempt: 1, output: { hash: `sha256:${"0".repeat(64)}`, text: "x".repeat(130) }, run_ms: 3 };

export function published(sequence: number): Published {
  return {
    kind: "event",
    tenant: "local",
    plan_id: PLAN_ID,
    seq: sequence,
    type: "task.succeeded",
    at: "2026-11-22T10:11:12.345Z",
    payload: PAYLOAD,
    cursor: `0.${sequence}`,
    plan_status: "running",
  };
}

/** The text that the gateway makes of it. */
export function frameText(sequence: number): string {
  return JSON.stringify(frameOf(published(sequence)));
}
