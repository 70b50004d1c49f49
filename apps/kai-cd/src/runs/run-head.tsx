// The head of a run: what it is for, how it stands, how long it has taken, and what can be done with it.

import { isEnded, type PlanView, type RunState } from "@kos/api";
import type { Command } from "../commands/command.ts";
import { formatDuration, formatTime, plural, shortId } from "../format/quantity.ts";
import { CommandButton } from "../ui/button.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { StatusText } from "../ui/status-mark.tsx";

export interface RunHeadProps {
  readonly view: PlanView;
  readonly run: RunState;
  readonly nowMs: number;
  readonly commands: readonly Command[];
}

/** Shown as buttons; the others stand in the palette and on their tabs. */
const SHOWN: ReadonlySet<string> = new Set(["run.start", "run.pause", "run.resume", "run.cancel", "run.retry", "run.results"]);
const LEADING: ReadonlySet<string> = new Set(["run.start", "run.resume", "run.retry", "run.results"]);
const DONE: ReadonlySet<string> = new Set(["succeeded", "skipped"]);

export function RunHead({ view, run, nowMs, commands }: RunHeadProps) {
  const { plan } = view;
  const rows = [...run.tasks.values()];
  const done = rows.filter(({ status }) => DONE.has(status)).length;
  const failed = rows.filter(({ status }) => status === "failed").length;
  const elapsed = (run.endedAtMs ?? nowMs) - run.startedAtMs;
  return (
    <>
      <PageHead
        title={plan.goal}
        tabTitle={`${run.status.replaceAll("_", " ")}: ${plan.goal}`}
        aside={commands
          .filter(({ id }) => SHOWN.has(id))
          .map((command) => (
            <CommandButton key={command.id} command={command} {...(LEADING.has(command.id) && { looks: "lead" as const })} />
          ))}
      >
        <p className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
          {/* Read out whenever it changes. */}
          <span role="status" aria-label="State of the run">
            <StatusText status={run.status} />
          </span>
          <span className="numeric">
            {view.started_at === undefined
              ? "not started"
              : isEnded(run.status)
                ? `took ${formatDuration(elapsed)}`
                : formatDuration(elapsed)}
          </span>
          <span className="numeric">
            {done} of {plural(rows.length, "task")}
            {failed > 0 && <span className="text-bad">, {failed} failed</span>}
          </span>
          <span>{formatTime(plan.created_at)}</span>
          <span className="inline-flex items-baseline gap-1">
            run <CopyText text={plan.plan_id} shown={shortId(plan.plan_id)} what="the id of the run" />
          </span>
        </p>
      </PageHead>
      <div
        role="progressbar"
        aria-label="Tasks that have ended"
        aria-valuemin={0}
        aria-valuemax={rows.length}
        aria-valuenow={done}
        className="flex h-1.5 overflow-hidden rounded-full bg-line"
      >
        <span className="bg-good transition-[width] duration-300" style={{ width: `${(100 * done) / Math.max(1, rows.length)}%` }} />
        <span className="bg-bad transition-[width] duration-300" style={{ width: `${(100 * failed) / Math.max(1, rows.length)}%` }} />
      </div>
    </>
  );
}
