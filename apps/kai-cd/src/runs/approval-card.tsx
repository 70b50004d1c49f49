// An approval that waits: what exactly would happen, and the decision, which binds to exactly that.

import type { Approval } from "@kos/api";
import { useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { Button } from "../ui/button.tsx";
import { JsonBlock } from "../ui/json-block.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { WaitingCard } from "./waiting-card.tsx";

export interface ApprovalCardProps {
  readonly approval: Approval;
  readonly onDone: () => void;
}

export function ApprovalCard({ approval, onDone }: ApprovalCardProps) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);

  async function decide(decision: "approve" | "deny"): Promise<void> {
    setSending(true);
    setError(undefined);
    try {
      const body = { decision, digest: approval.digest, ...(reason.trim() !== "" && { reason: reason.trim() }) };
      await client.call("decide", { params: { approval_id: approval.approval_id }, body });
      notices.done(decision === "approve" ? "Approved." : "Denied.");
    } catch (thrown) {
      setError(thrown);
    }
    setSending(false);
    onDone();
  }

  const details = detailsOf(approval.subject);
  return (
    <WaitingCard
      kind={approval.kind === "plan" ? "The plan waits for your approval" : "A call waits for your approval"}
      title={approval.title}
      at={approval.requested_at}
    >
      <p className="text-sm break-words first-letter:uppercase">{approval.reason}</p>
      {approval.kind === "plan" && (
        <p className="text-sm text-quiet">The graph below is what would run. Your decision binds to exactly this plan.</p>
      )}
      {details !== undefined && <p className="max-w-prose break-words whitespace-pre-line">{details}</p>}
      {approval.subject !== undefined && approval.kind === "call" && (
        <details open className="text-sm">
          <summary className="text-quiet underline decoration-dotted underline-offset-4">What would be called</summary>
          <div className="mt-2">
            <JsonBlock value={approval.subject} label="What would be called" />
          </div>
        </details>
      )}
      <p className="font-mono text-2xs break-all text-quiet">{approval.digest}</p>
      <label className="block max-w-xl text-sm">
        Reason <span className="text-quiet">optional, goes into the signed log</span>
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} className="field mt-1" />
      </label>
      {error !== undefined && <ProblemNote error={error} title="The decision was not taken." />}
      <div className="flex flex-wrap gap-2">
        <Button looks="lead" disabled={isSending} onClick={() => void decide("approve")}>
          Approve
        </Button>
        <Button looks="grave" disabled={isSending} onClick={() => void decide("deny")}>
          Deny
        </Button>
      </div>
    </WaitingCard>
  );
}

/** What a plan says to the person it asks: its lines are to be read, not its JSON. */
function detailsOf(subject: unknown): string | undefined {
  const { capability, params } = (subject ?? {}) as { readonly capability?: unknown; readonly params?: { readonly details?: unknown } };
  return capability === "human.approve" && typeof params?.details === "string" ? params.details : undefined;
}
