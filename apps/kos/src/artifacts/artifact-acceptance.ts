// Which artifacts of one plan count: those of a result that needed no review, and those of a result that its review, or a person, accepted.

import type { ArtifactRef } from "@kos/agent";
import type { PlanEventPayloads } from "@kos/kcore";
import type { Label } from "@kos/plan";

export interface AcceptedArtifacts {
  /** plan_seq of the event that holds the result. */
  readonly seq: number;
  readonly taskId: string | undefined;
  readonly labels: readonly Label[];
  readonly artifacts: readonly ArtifactRef[];
}

const TYPES: ReadonlySet<string> = new Set(["task.succeeded", "task.reused", "review.requested", "review.decided", "input.answered"]);

/** Whether an event of this type can bring or accept artifacts. */
export function mayAccept(type: string): boolean {
  return TYPES.has(type);
}

/** Takes the events of one plan in order. */
export class ArtifactAcceptance {
  /** Results under review, by task. */
  readonly #reviewed = new Map<string, AcceptedArtifacts>();

  get isEmpty(): boolean {
    return this.#reviewed.size === 0;
  }

  /** What the event accepted; `unknown` when it accepted a result whose review began before the first event taken here. */
  take(type: string, seq: number, payload: unknown): AcceptedArtifacts | "unknown" | undefined {
    switch (type) {
      case "task.succeeded":
      case "task.reused": {
        const { task_id, artifacts, output } = payload as PlanEventPayloads["task.succeeded"];
        return artifacts.length === 0 ? undefined : { seq, taskId: task_id, labels: output.labels, artifacts };
      }
      case "review.requested": {
        const { task_id, artifacts, output } = payload as PlanEventPayloads["review.requested"];
        this.#reviewed.set(task_id ?? "", { seq, taskId: task_id, labels: output.labels, artifacts });
        return undefined;
      }
      case "review.decided": {
        const { task_id, next } = payload as PlanEventPayloads["review.decided"];
        return next === "accept" ? this.#accept(task_id) : undefined;
      }
      case "input.answered": {
        const { task_id, answer } = payload as PlanEventPayloads["input.answered"];
        const decision = (answer.value as { readonly decision?: unknown } | null | undefined)?.decision;
        return decision === "accept" && this.#reviewed.has(task_id ?? "") ? this.#accept(task_id) : undefined;
      }
      default:
        return undefined;
    }
  }

  #accept(taskId: string | undefined): AcceptedArtifacts | "unknown" | undefined {
    const found = this.#reviewed.get(taskId ?? "");
    this.#reviewed.delete(taskId ?? "");
    if (found === undefined) return "unknown";
    return found.artifacts.length === 0 ? undefined : found;
  }
}
