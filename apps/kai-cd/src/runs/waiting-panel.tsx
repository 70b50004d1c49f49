// Everything of a run that waits for a person, in one place.

import type { PlanView } from "@kos/api";
import { ApprovalCard } from "./approval-card.tsx";
import { DoubtCard } from "./doubt-card.tsx";
import { QuestionCard } from "./question-card.tsx";
import { waits } from "./run-commands.ts";

export const WAITING_ID = "waiting-for-you";

export function WaitingPanel({ view, onDone }: { readonly view: PlanView; readonly onDone: () => void }) {
  if (!waits(view)) return null;
  return (
    <div id={WAITING_ID} tabIndex={-1} role="region" aria-label="Waiting for you" className="mt-6 space-y-4">
      {view.approvals
        .filter(({ status }) => status === "open")
        .map((approval) => (
          <ApprovalCard key={approval.approval_id} approval={approval} onDone={onDone} />
        ))}
      {view.inputs
        .filter(({ status }) => status === "open")
        .map((input) => (
          <QuestionCard key={input.input_id} input={input} onDone={onDone} />
        ))}
      {view.tasks
        .filter(({ status }) => status === "in_doubt")
        .map((task) => (
          <DoubtCard key={task.task_id} planId={view.plan.plan_id} task={task} onDone={onDone} />
        ))}
    </div>
  );
}
