// The tasks of a run as a list, for those who would rather read than look at a graph, and for runs too large for one.

import type { RunState } from "@kos/api";
import { useState } from "react";
import { formatCount } from "../format/quantity.ts";
import { nodeSummary } from "../graph/node-summary.ts";
import { Button } from "../ui/button.tsx";
import { statusLook } from "../ui/status-look.ts";
import { StatusMark } from "../ui/status-mark.tsx";

export interface TaskListProps {
  readonly run: RunState;
  readonly nowMs: number;
  readonly selected: string | undefined;
  readonly onSelect: (taskId: string) => void;
}

const PAGE = 100;

export function TaskList({ run, nowMs, selected, onSelect }: TaskListProps) {
  const [shown, setShown] = useState(PAGE);
  const rows = [...run.tasks.values()];
  const ordered = rows.length <= PAGE ? rows : rows.toSorted((one, other) => urgency(one.status) - urgency(other.status));
  return (
    <>
      <ul aria-label="Tasks" className="divide-y divide-line border-y border-line">
        {ordered.slice(0, shown).map((row) => {
          const summary = nodeSummary({ id: row.taskId, taskIds: [row.taskId] }, run.tasks, nowMs);
          return (
            <li key={row.taskId}>
              <button
                type="button"
                aria-pressed={row.taskId === selected}
                onClick={() => onSelect(row.taskId)}
                className={`flex w-full items-start gap-2.5 px-1 py-2.5 text-left text-sm hover:bg-sunk ${row.taskId === selected ? "bg-wash" : ""}`}
              >
                <StatusMark status={row.status} className="mt-0.5 size-4" />
                <span className="min-w-0 flex-1">
                  <span className="block font-medium break-words">{row.title}</span>
                  <span className="numeric block text-2xs text-quiet">
                    {statusLook(row.status).words}
                    {summary.line !== "" && ` · ${summary.line}`}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {ordered.length > shown && (
        <Button looks="quiet" className="mt-1" onClick={() => setShown(shown + PAGE)}>
          Show more of {formatCount(ordered.length)}
        </Button>
      )}
    </>
  );
}

const ORDER = ["waiting_approval", "waiting_input", "in_doubt", "failed", "running", "reviewing", "ready", "pending"];

function urgency(status: string): number {
  const place = ORDER.indexOf(status);
  return place < 0 ? ORDER.length : place;
}
