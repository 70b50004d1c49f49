// What a client does while the node lives: hand in plans, hand in again what was not acknowledged, settle doubts, look at how plans stand.

import { type Client, createClient } from "@kos/api";
import { isKosError } from "@kos/klp";
import type { CrashLedger, Submission } from "./crash-ledger.ts";
import { crashPlan } from "./crash-plan.ts";
import type { FakeReceiver } from "./fake-receiver.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface WorkloadOptions {
  readonly lane: string;
  readonly ledger: CrashLedger;
  readonly receiver: FakeReceiver;
  readonly random: SeededRandom;
  readonly fetch: typeof globalThis.fetch;
  /** Rejects with the signal's reason when it aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Workload {
  /**
   * Hands in so many new plans, unless many are open, and then works until the signal aborts; with 0 it ends once all have ended. Errors:
   * the node's, when it answers at all; that it is gone is no error. `onAcknowledged` runs at once after each 202.
   */
  drive(options: {
    readonly url: string;
    readonly token: string;
    readonly newPlans: number;
    readonly signal: AbortSignal;
    readonly onAcknowledged: () => void;
  }): Promise<void>;
}

const LOOK_EVERY_MS = 60;
const MOST_OPEN = 16;

export function crashWorkload(options: WorkloadOptions): Workload {
  const { ledger, receiver, random, lane } = options;
  let made = 0;

  function next(): Submission {
    made += 1;
    const label = `${lane}-${made}`;
    return ledger.hand(crashPlan(random, label, receiver), `prove-${label}`);
  }

  async function submit(client: Client, submission: Submission, signal: AbortSignal): Promise<void> {
    const body = { plan: submission.plan.graph };
    const accepted = await client.call("submit", { body }, { idempotencyKey: submission.key, signal });
    ledger.acknowledge(submission, accepted.plan_id);
  }

  async function look(client: Client, submission: Submission, signal: AbortSignal): Promise<void> {
    const { planId } = submission;
    if (planId === undefined) return;
    const view = await client.call("plan", { params: { plan_id: planId } }, { signal }).catch((error: unknown) => {
      if (isKosError(error, "NOT_FOUND")) return undefined;
      throw error;
    });
    if (view === undefined) return ledger.lose(submission);
    ledger.look(submission, view);
    for (const task of view.tasks) {
      if (task.status !== "in_doubt") continue;
      // The receiver's books are the truth that a person would look up.
      const outcome = receiver.effects.has(`/${submission.plan.label}/${task.task_id}`) ? "succeeded" : "run_again";
      const output = outcome === "succeeded" ? { output: { settled_by: "the receiver's books" } } : {};
      const body = { task_id: task.task_id, outcome, reason: "looked up in the receiver's books", ...output } as const;
      await client.call("resolveTask", { params: { plan_id: planId }, body }, { signal }).catch((error: unknown) => {
        // Its late answer came first.
        if (!isKosError(error, "CONFLICT")) throw error;
      });
      ledger.settled[outcome] += 1;
    }
  }

  async function rounds(client: Client, newPlans: number, signal: AbortSignal, onAcknowledged: () => void): Promise<void> {
    for (let made = 0; made < newPlans && ledger.open().length < MOST_OPEN; made += 1) next();
    while (!signal.aborted) {
      const open = ledger.open();
      for (const submission of open.filter(({ planId }) => planId === undefined)) {
        await submit(client, submission, signal);
        onAcknowledged();
      }
      for (const submission of open) await look(client, submission, signal);
      if (newPlans === 0 && ledger.open().length === 0) return;
      await options.pause(LOOK_EVERY_MS, signal);
    }
  }

  return {
    async drive({ url, token, newPlans, signal, onAcknowledged }) {
      const client = createClient({ baseUrl: url, token, fetch: options.fetch });
      try {
        await rounds(client, newPlans, signal, onAcknowledged);
      } catch (error) {
        if (!signal.aborted && !isKosError(error, "UNAVAILABLE")) throw error;
      }
    },
  };
}
