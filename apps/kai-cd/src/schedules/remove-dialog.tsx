// What is asked before a schedule is ended for good.

import type { ScheduleView } from "@kos/api";
import { useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

export interface RemoveDialogProps {
  readonly schedule: ScheduleView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function RemoveDialog({ schedule, onClose, onDone }: RemoveDialogProps) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  async function remove(): Promise<void> {
    setSending(true);
    try {
      await client.call("removeSchedule", { params: { schedule_id: schedule.schedule_id } });
      notices.done(`${schedule.name} will not run again. What runs goes on.`);
      onClose();
      onDone();
    } catch (thrown) {
      setError(thrown);
      setSending(false);
    }
  }
  return (
    <Dialog title="Remove this schedule?" onClose={onClose}>
      <div className="mt-3 space-y-4">
        <p className="text-sm wrap-anywhere text-quiet">
          <span className="font-medium text-ink">{schedule.name}</span> will not run again. Its runs and their results stay; a run that is
          under way goes on. To let it rest for a while, pause it.
        </p>
        {error !== undefined && <ProblemNote error={error} title="The schedule was not removed." />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button looks="grave" disabled={isSending} onClick={() => void remove()}>
            Remove the schedule
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
