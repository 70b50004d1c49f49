// What the prover knows for certain: what it handed in, what was acknowledged, what it was shown as finished, what it decided about doubts.

import type { PlanView } from "@kos/api";
import type { CrashPlan } from "./crash-plan.ts";

/** One plan handed in, under one Idempotency-Key for ever. */
export interface Submission {
  readonly plan: CrashPlan;
  readonly key: string;
  /** Set by the first 202. */
  planId: string | undefined;
  status: string | undefined;
}

/** What a step looked like when it was first seen finished. Nothing of it may change afterwards. */
interface FinishedStep {
  readonly attempt: number;
  readonly outputHash: string | undefined;
}

export interface CrashLedger {
  readonly submissions: readonly Submission[];
  /** Finished steps seen so far. */
  readonly finishedSteps: number;
  /** Doubts settled: it had arrived (`succeeded`), or not (`run_again`). */
  readonly settled: { succeeded: number; run_again: number };
  /** Broken promises noticed on the way. */
  readonly complaints: readonly string[];
  hand(plan: CrashPlan, key: string): Submission;
  /** Two answers for one key must name one plan. */
  acknowledge(submission: Submission, planId: string): void;
  /** Acknowledged or not, and not seen to have ended. */
  open(): readonly Submission[];
  /** Compares what a plan says of its finished steps with what it said before. */
  look(submission: Submission, view: PlanView): void;
  /** It was acknowledged, and the node does not know it. Nothing is to be expected of it any more. */
  lose(submission: Submission): void;
  complain(text: string): void;
}

const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled", "lost"]);
const MOST_COMPLAINTS = 200;

export function crashLedger(): CrashLedger {
  const submissions: Submission[] = [];
  const finished = new Map<string, FinishedStep>();
  const complaints: string[] = [];

  function complain(text: string): void {
    if (complaints.length < MOST_COMPLAINTS) complaints.push(text);
  }

  return {
    submissions,
    get finishedSteps() {
      return finished.size;
    },
    settled: { succeeded: 0, run_again: 0 },
    complaints,
    complain,
    hand(plan, key) {
      const submission: Submission = { plan, key, planId: undefined, status: undefined };
      submissions.push(submission);
      return submission;
    },
    acknowledge(submission, planId) {
      if (submission.planId !== undefined && submission.planId !== planId) {
        complain(`${submission.plan.label}: one Idempotency-Key gave two plans, ${submission.planId} and ${planId}`);
      }
      submission.planId ??= planId;
    },
    lose(submission) {
      submission.status = "lost";
    },
    open: () => submissions.filter(({ status }) => status === undefined || !ENDED.has(status)),
    look(submission, view) {
      submission.status = view.plan.status;
      for (const task of view.tasks) {
        const place = `${view.plan.plan_id}/${task.task_id}`;
        const before = finished.get(place);
        if (before === undefined) {
          if (task.status === "succeeded") finished.set(place, { attempt: task.attempt, outputHash: task.output_hash });
          continue;
        }
        if (task.status !== "succeeded") complain(`${place} was finished and is ${task.status} now`);
        else if (task.attempt !== before.attempt) complain(`${place} was finished at attempt ${before.attempt} and ran again`);
        else if (task.output_hash !== before.outputHash) complain(`${place} was finished and has another output now`);
      }
    },
  };
}
