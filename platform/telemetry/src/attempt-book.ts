// Follows the attempts of a plan through its events: when each was ready, dispatched, answered, reviewed and over.

/** Times in milliseconds since the epoch. */
export interface Attempt {
  readonly taskId: string;
  readonly attempt: number;
  readonly readyMs: number;
  readonly startedMs: number;
  outcome: string;
  /** What the agent measured. */
  runMs: number | undefined;
  answeredMs: number | undefined;
  /** Finished reviews together. */
  reviewMs: number;
  reviewSinceMs: number | undefined;
  endMs: number | undefined;
}

type Payload = Readonly<Record<string, unknown>>;

export class AttemptBook {
  readonly attempts: Attempt[] = [];
  /** When each task, or item, came to its end. */
  readonly ends = new Map<string, number>();
  startedMs = 0;
  readonly #dependencies: ReadonlyMap<string, readonly string[]>;
  readonly #open = new Map<string, Attempt>();
  /** When a task became ready for a reason of its own: a retry, an approval, its expansion. */
  readonly #ready = new Map<string, number>();

  constructor(dependencies: ReadonlyMap<string, readonly string[]>) {
    this.#dependencies = dependencies;
  }

  apply(type: string, atMs: number, rawPayload: unknown): void {
    const payload: Payload = typeof rawPayload === "object" && rawPayload !== null ? (rawPayload as Payload) : {};
    const taskId = payload["task_id"];
    if (typeof taskId !== "string") return;
    switch (type) {
      case "task.dispatched":
        return this.#begin(taskId, numberOf(payload["attempt"]) ?? 1, atMs);
      case "task.timer_set":
        return this.#begin(taskId, 0, atMs);
      case "input.requested":
        // A question about an answer under review belongs to its review; any other is work of the engine, which has no dispatch.
        if (this.#open.has(taskId)) this.#reviewBegan(taskId, {}, atMs);
        else this.#begin(taskId, 0, atMs);
        return;
      case "input.answered":
      case "input.expired":
        return this.#reviewEnded(taskId, payload, atMs);
      case "task.expanded":
        return this.#expand(taskId, numberOf(payload["count"]) ?? 0, atMs);
      case "approval.decided":
      case "review.failed":
        return this.#setReady(taskId, readTime(payload["retry_at"]) ?? atMs, atMs);
      case "review.requested":
        return this.#reviewBegan(taskId, payload, atMs);
      case "review.decided":
        return this.#reviewEnded(taskId, payload, atMs);
      case "task.attempt_failed":
        return this.#again(taskId, "failed", payload, atMs);
      case "task.attempt_lost":
        return this.#again(taskId, "lost", payload, atMs);
      case "task.in_doubt":
        return this.#close(taskId, "in_doubt", payload, atMs);
      case "task.resolved":
        return this.#resolve(taskId, payload, atMs);
      case "task.succeeded":
      case "task.failed":
      case "task.cancelled":
        this.#close(taskId, type.slice("task.".length), payload, atMs);
        return void this.ends.set(taskId, atMs);
      case "task.joined":
      case "task.skipped":
      case "task.reused":
        return void this.ends.set(taskId, atMs);
    }
  }

  #begin(taskId: string, attempt: number, atMs: number): void {
    // Left open: after a review a person asked for another try, or its end was not recorded.
    this.#close(taskId, (this.#open.get(taskId)?.reviewMs ?? 0) > 0 ? "rejected" : "lost", {}, atMs);
    const begun: Attempt = {
      taskId,
      attempt,
      readyMs: Math.min(atMs, this.#ready.get(taskId) ?? this.#readyByDependencies(taskId)),
      startedMs: atMs,
      outcome: "running",
      runMs: undefined,
      answeredMs: undefined,
      reviewMs: 0,
      reviewSinceMs: undefined,
      endMs: undefined,
    };
    this.attempts.push(begun);
    this.#open.set(taskId, begun);
  }

  #expand(taskId: string, count: number, atMs: number): void {
    for (let item = 0; item < count; item++) this.#ready.set(`${taskId}[${item}]`, atMs);
  }

  #setReady(taskId: string, readyMs: number, atMs: number): void {
    this.#ready.set(taskId, Math.max(readyMs, atMs));
  }

  #reviewBegan(taskId: string, payload: Payload, atMs: number): void {
    const attempt = this.#open.get(taskId);
    if (attempt === undefined) return;
    this.#answered(attempt, payload, atMs);
    attempt.reviewSinceMs ??= atMs;
  }

  #reviewEnded(taskId: string, payload: Payload, atMs: number): void {
    const attempt = this.#open.get(taskId);
    if (attempt?.reviewSinceMs !== undefined) {
      attempt.reviewMs += Math.max(0, atMs - attempt.reviewSinceMs);
      attempt.reviewSinceMs = undefined;
    }
    if (payload["next"] === "retry" || payload["next"] === "fallback") return this.#again(taskId, "rejected", payload, atMs);
    // A result that passes, or that a person lets pass, ends its task without a further event.
    if (payload["next"] === "accept" || decisionIn(payload) === "accept") {
      this.#close(taskId, "succeeded", {}, atMs);
      this.ends.set(taskId, atMs);
    }
  }

  #again(taskId: string, outcome: string, payload: Payload, atMs: number): void {
    this.#close(taskId, outcome, payload, atMs);
    this.#setReady(taskId, readTime(payload["retry_at"]) ?? atMs, atMs);
  }

  #resolve(taskId: string, payload: Payload, atMs: number): void {
    if (payload["outcome"] === "run_again") this.#setReady(taskId, atMs, atMs);
    else this.ends.set(taskId, atMs);
  }

  #close(taskId: string, outcome: string, payload: Payload, atMs: number): void {
    const attempt = this.#open.get(taskId);
    if (attempt === undefined) return;
    this.#answered(attempt, payload, atMs);
    attempt.outcome = outcome;
    attempt.endMs = atMs;
    this.#open.delete(taskId);
  }

  #answered(attempt: Attempt, payload: Payload, atMs: number): void {
    attempt.answeredMs ??= atMs;
    attempt.runMs ??= numberOf(payload["run_ms"]);
  }

  /** Ready once all it waits for had ended, or with the plan's start. */
  #readyByDependencies(taskId: string): number {
    const needs = this.#dependencies.get(taskId) ?? [];
    return needs.reduce((latest, need) => Math.max(latest, this.ends.get(need) ?? 0), this.startedMs);
  }
}

function decisionIn(payload: Payload): unknown {
  const value = (payload["answer"] as { readonly value?: { readonly decision?: unknown } | null } | undefined)?.value;
  return typeof value === "object" ? value?.decision : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function readTime(value: unknown): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
