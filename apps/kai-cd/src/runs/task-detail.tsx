// One task of a run: what it does, how it went, why it did not, and what came out.

import { isTaskEnded, type PlanView, type RunState, type TaskRow, type TaskView } from "@kos/api";
import { ERROR_TABLE, isErrorCode } from "@kos/klp";
import type { ReactNode } from "react";
import { useSignedIn } from "../app/console.ts";
import { useResource } from "../data/use-resource.ts";
import { formatDuration, formatTime } from "../format/quantity.ts";
import { JsonBlock } from "../ui/json-block.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { StatusText } from "../ui/status-mark.tsx";
import { ItemList } from "./item-list.tsx";

export interface TaskDetailProps {
  readonly view: PlanView;
  readonly run: RunState;
  readonly taskId: string;
  readonly nowMs: number;
  readonly onSelect: (taskId: string) => void;
}

export function TaskDetail({ view, run, taskId, nowMs, onSelect }: TaskDetailProps) {
  const row = run.tasks.get(taskId);
  const task = view.tasks.find((one) => one.task_id === taskId);
  const status = row?.status ?? task?.status ?? "pending";
  const title = row?.title ?? task?.title ?? taskId;
  return (
    <div className="grid gap-x-10 gap-y-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div className="min-w-0 space-y-4">
        <header className="pr-8">
          <StatusText status={status} />
          <h3 className="mt-1 text-lg leading-snug break-words">{title}</h3>
        </header>
        {row?.problem !== undefined && <Problem row={row} task={task} />}
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
          <Fact name="Task">
            <code className="font-mono text-[0.8125rem] break-all">{taskId}</code>
          </Fact>
          <Fact name="Calls">
            <code className="font-mono text-[0.8125rem] break-all">{row?.capability ?? task?.capability}</code>
          </Fact>
          {task?.agent !== undefined && (
            <Fact name="Agent">
              <code className="font-mono text-[0.8125rem] break-all">{task.agent}</code>
            </Fact>
          )}
          {row?.startedAtMs !== undefined && (
            <Fact name={row.endedAtMs === undefined ? "Runs for" : "Took"}>
              {formatDuration((row.endedAtMs ?? nowMs) - row.startedAtMs)}
              <span className="text-quiet"> from {formatTime(new Date(row.startedAtMs).toISOString())}</span>
            </Fact>
          )}
          {row !== undefined && row.attempt > 1 && <Fact name="Attempts">{row.attempt}</Fact>}
          {row?.progress?.message !== undefined && <Fact name="Now">{row.progress.message}</Fact>}
          {row !== undefined && row.dependsOn.length > 0 && (
            <Fact name="Waits for">
              {row.dependsOn.map((name) => (
                <button
                  key={name}
                  type="button"
                  onClick={() => onSelect(name)}
                  className="mr-2 text-left text-accent underline underline-offset-2 hover:text-accent-strong"
                >
                  {run.tasks.get(name)?.title ?? name}
                </button>
              ))}
            </Fact>
          )}
          {(task?.labels.length ?? 0) > 0 && <Fact name="Labels">{task?.labels.join(", ")}</Fact>}
        </dl>
      </div>
      <div className="min-w-0 space-y-4 lg:pr-8">
        {row?.verdict !== undefined && row.verdict.findings.length > 0 && (
          <section>
            <h4 className="text-sm font-medium">{row.verdict.accepted ? "What the review remarked" : "What the review found"}</h4>
            <ul className="mt-1 list-disc space-y-1 pl-5 text-sm">
              {row.verdict.findings.map((finding) => (
                <li key={`${finding.criterion} ${finding.message}`} className="break-words">
                  {finding.message}
                </li>
              ))}
            </ul>
          </section>
        )}
        {row?.items !== undefined && <ItemList tasks={view.tasks} parent={taskId} />}
        {isTaskEnded(status) && status === "succeeded" && row?.items === undefined && <Output view={view} taskId={taskId} />}
      </div>
    </div>
  );
}

function Problem({ row, task }: { readonly row: TaskRow; readonly task: TaskView | undefined }) {
  const code = task?.error?.code;
  const advice = code !== undefined && isErrorCode(code) && code !== "INTERNAL" ? ERROR_TABLE[code].advice : undefined;
  const isFinal = row.status === "failed";
  return (
    <div className={`rounded-md border px-3 py-2.5 text-sm ${isFinal ? "border-bad/40 bg-bad-wash" : "border-wait/40 bg-wait-wash"}`}>
      <p className="font-medium">
        {isFinal ? "Why it failed" : "Last problem"} {code !== undefined && <code className="font-mono text-2xs">{code}</code>}
      </p>
      <p className="mt-0.5 break-words">{row.problem}</p>
      {isFinal && advice !== undefined && <p className="mt-1 text-quiet">{advice}</p>}
    </div>
  );
}

function Output({ view, taskId }: { readonly view: PlanView; readonly taskId: string }) {
  const { client } = useSignedIn();
  const planId = view.plan.plan_id;
  const task = useResource(`task ${planId} ${taskId}`, (signal) =>
    client.call("task", { params: { plan_id: planId, task_id: taskId } }, { signal }),
  );
  if (task.error !== undefined) return <ProblemNote error={task.error} title="Its output cannot be shown." onRetry={task.reload} />;
  if (task.value === undefined) return null;
  return (
    <section>
      <h4 className="mb-1.5 text-sm font-medium">Output</h4>
      {task.value.output === undefined ? (
        <p className="text-sm text-quiet">
          Too large to show here. Its hash is <code className="font-mono text-2xs break-all">{task.value.output_hash}</code>.
        </p>
      ) : (
        <JsonBlock value={task.value.output} label={`Output of ${taskId}`} />
      )}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-quiet">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
