// What is asked before a run is cancelled or run again: what it means, and what the node wants confirmed.

import type { PlanView } from "@kos/api";
import { isKosError } from "@kos/klp";
import { type FormEvent, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

interface DialogProps {
  readonly view: PlanView;
  readonly onClose: () => void;
}

export function CancelDialog({ view, onClose }: DialogProps) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  async function cancel(event: FormEvent): Promise<void> {
    event.preventDefault();
    setSending(true);
    try {
      await client.call("cancelPlan", {
        params: { plan_id: view.plan.plan_id },
        body: reason.trim() === "" ? {} : { reason: reason.trim() },
      });
      notices.done("The run is being cancelled.");
      onClose();
    } catch (thrown) {
      setError(thrown);
      setSending(false);
    }
  }
  return (
    <Dialog title="Cancel this run?" onClose={onClose}>
      <form onSubmit={(event) => void cancel(event)} className="mt-3 space-y-4">
        <p className="text-sm text-quiet">
          What runs is asked to stop; nothing new is started. What is finished stays, and the run can be retried from there.
        </p>
        <label className="block text-sm font-medium">
          Reason <span className="font-normal text-quiet">optional, goes into the signed log</span>
          <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} className="field mt-1.5" />
        </label>
        {error !== undefined && <ProblemNote error={error} title="The run was not cancelled." />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep it running</Button>
          <Button type="submit" looks="grave" disabled={isSending}>
            Cancel the run
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What the node wants to hear before it runs things again. */
interface Confirmations {
  readonly accept_changed?: true;
  readonly confirm_effects?: true;
}

export function RetryDialog({ view, onClose }: DialogProps) {
  const { router, machine } = useConsole();
  const { client } = useSignedIn();
  const [error, setError] = useState<unknown>();
  const [confirmed, setConfirmed] = useState<Confirmations>({});
  const [isSending, setSending] = useState(false);
  const failed = view.tasks.filter(({ status }) => status === "failed" || status === "cancelled");

  async function retry(confirmations: Confirmations): Promise<void> {
    setConfirmed(confirmations);
    setError(undefined);
    setSending(true);
    try {
      const { plan_id } = await client.call(
        "retryPlan",
        { params: { plan_id: view.plan.plan_id }, body: confirmations },
        { idempotencyKey: machine.newKey() },
      );
      onClose();
      router.go({ page: "run", planId: plan_id, part: "plan" });
    } catch (thrown) {
      setError(thrown);
      setSending(false);
    }
  }

  const asks = confirmationOf(error);
  return (
    <Dialog title="Run again what did not work?" onClose={onClose}>
      <div className="mt-3 space-y-4">
        <p className="text-sm text-quiet">
          A new run takes over every finished result and does the rest
          {failed.length > 0 && (
            <>
              {" "}
              ({failed.length} of {view.tasks.length} tasks)
            </>
          )}
          . Approvals are asked for again.
        </p>
        {error !== undefined && (
          <ProblemNote error={error} title={asks === undefined ? "The run was not started again." : "The node wants to be sure first."} />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          {asks === undefined ? (
            <Button looks="lead" disabled={isSending} onClick={() => void retry(confirmed)}>
              Retry
            </Button>
          ) : (
            <Button looks="grave" disabled={isSending} onClick={() => void retry({ ...confirmed, ...asks.confirms })}>
              {asks.label}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function confirmationOf(error: unknown): { readonly confirms: Confirmations; readonly label: string } | undefined {
  if (isKosError(error, "DEFINITION_CHANGED")) return { confirms: { accept_changed: true }, label: "Run it as it is now" };
  if (isKosError(error, "CONFLICT") && Array.isArray(error.details?.["effects"]))
    return { confirms: { confirm_effects: true }, label: "Let these effects happen again" };
  return undefined;
}
