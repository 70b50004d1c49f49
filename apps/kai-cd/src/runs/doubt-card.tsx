// A call whose effect is in doubt: what is known, and how a person who has looked settles it.

import type { TaskView } from "@kos/api";
import { type FormEvent, useId, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { WaitingCard } from "./waiting-card.tsx";

const OUTCOMES = [
  { outcome: "succeeded", label: "It happened", means: "The run goes on as if the task had answered." },
  { outcome: "failed", label: "It did not happen, and shall not", means: "The task counts as failed." },
  { outcome: "run_again", label: "It did not happen: do it again", means: "The call is made once more, under a new key." },
] as const;
type Outcome = (typeof OUTCOMES)[number]["outcome"];

export interface DoubtCardProps {
  readonly planId: string;
  readonly task: TaskView;
  readonly onDone: () => void;
}

export function DoubtCard({ planId, task, onDone }: DoubtCardProps) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const [outcome, setOutcome] = useState<Outcome>();
  const [reason, setReason] = useState("");
  const [output, setOutput] = useState("");
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const id = useId();

  async function settle(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (outcome === undefined) return setProblem("Choose what happened.");
    if (reason.trim() === "") return setProblem("Say how you know: it goes into the signed log.");
    const answer = outcome === "succeeded" && output.trim() !== "" ? readJson(output) : undefined;
    if (answer !== undefined && "problem" in answer) return setProblem(answer.problem);
    setProblem(undefined);
    setError(undefined);
    setSending(true);
    const body = { task_id: task.task_id, outcome, reason: reason.trim(), ...(answer !== undefined && { output: answer.value }) };
    try {
      await client.call("resolveTask", { params: { plan_id: planId }, body });
      notices.done("Settled.");
    } catch (thrown) {
      setError(thrown);
    }
    setSending(false);
    onDone();
  }

  return (
    <WaitingCard isDoubt kind="In doubt" title={task.title}>
      <p className="text-sm">
        <code className="font-mono text-[0.8125rem]">{task.capability}</code> was cut off after its effect had begun. kOS does not repeat
        such a call by itself: look whether it happened, then say so.
      </p>
      <form onSubmit={(event) => void settle(event)} className="space-y-3">
        <fieldset>
          <legend className="text-sm font-medium">What happened?</legend>
          <div className="mt-1.5 space-y-1.5">
            {OUTCOMES.map((choice) => (
              <label key={choice.outcome} className="flex items-start gap-2.5 text-sm">
                <input
                  type="radio"
                  name={`${id}-outcome`}
                  checked={outcome === choice.outcome}
                  onChange={() => setOutcome(choice.outcome)}
                  className="mt-0.5 size-4 accent-accent"
                />
                <span>
                  {choice.label} <span className="text-quiet">{choice.means}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <label className="block text-sm font-medium">
          How do you know?
          <input
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={1000}
            aria-describedby={problem === undefined ? undefined : `${id}-problem`}
            aria-invalid={problem !== undefined && reason.trim() === ""}
            className="field mt-1 font-normal"
          />
        </label>
        {outcome === "succeeded" && (
          <label className="block text-sm font-medium">
            What it answered <span className="font-normal text-quiet">as JSON; needed where later tasks use it</span>
            <textarea
              value={output}
              onChange={(event) => setOutput(event.target.value)}
              rows={3}
              spellCheck={false}
              className="field mt-1 font-mono text-[0.875rem] font-normal"
            />
          </label>
        )}
        {problem !== undefined && (
          <p id={`${id}-problem`} role="alert" className="text-sm font-medium text-bad">
            {problem}
          </p>
        )}
        {error !== undefined && <ProblemNote error={error} title="The doubt was not settled." />}
        <Button type="submit" looks="lead" disabled={isSending}>
          Settle
        </Button>
      </form>
    </WaitingCard>
  );
}

function readJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: "What it answered is not JSON." };
  }
}
