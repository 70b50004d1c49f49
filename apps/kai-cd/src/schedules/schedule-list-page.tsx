// What runs by itself: when next, what came of it, and a hand on each.

import type { ScheduleView } from "@kos/api";
import { useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import type { Command } from "../commands/command.ts";
import { useStore } from "../data/store.ts";
import { useResource } from "../data/use-resource.ts";
import { formatDue, formatTime, plural } from "../format/quantity.ts";
import { Link } from "../routing/link.tsx";
import { CommandButton } from "../ui/button.tsx";
import { CommandLine, Empty, Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { StatusMark, StatusText } from "../ui/status-mark.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";

const MOST = 100;
const SHOWN_RUNS = 5;
const MISSED: Readonly<Record<ScheduleView["missed"], string>> = {
  once: "Missed runs are made up for by one",
  skip: "Missed runs are left out",
  all: "Missed runs are made up for",
};
const OVERLAP: Readonly<Record<ScheduleView["overlap"], string>> = {
  skip: "none starts while another runs",
  queue: "one follows the other",
  allow: "several may run at once",
};

export function ScheduleListPage() {
  const { client, feed } = useSignedIn();
  const revision = useStore(feed.plans);
  const schedules = useResource("schedules", (signal) => client.call("schedules", { query: { limit: MOST } }, { signal }), {
    revision,
    everyMs: 10_000,
  });
  return (
    <>
      <PageHead title="Schedules" />
      {schedules.error !== undefined && (
        <ProblemNote error={schedules.error} title="The schedules cannot be listed." onRetry={schedules.reload} />
      )}
      {schedules.value === undefined && schedules.error === undefined && <Loading what="the schedules" />}
      {schedules.value?.items.length === 0 && (
        <Empty title="Nothing runs by itself yet">
          <p>
            <Link to={{ page: "start" }} className="text-accent underline hover:text-accent-strong">
              Choose a playbook
            </Link>{" "}
            and say in its form when it is to run. Or in a terminal, where you decide by typing the path what it may read:
          </p>
          <p>
            <CommandLine>npx kai run repo-report --path . --every @daily</CommandLine>
          </p>
        </Empty>
      )}
      {schedules.value !== undefined && schedules.value.items.length > 0 && (
        <ul aria-label="Schedules" className="divide-y divide-line border-y border-line">
          {schedules.value.items.map((schedule) => (
            <Schedule key={schedule.schedule_id} schedule={schedule} onDone={schedules.reload} />
          ))}
        </ul>
      )}
    </>
  );
}

function Schedule({ schedule, onDone }: { readonly schedule: ScheduleView; readonly onDone: () => void }) {
  const { schedule_id: id, status, runs } = schedule;
  const [isRemoving, setRemoving] = useState(false);
  return (
    <li className="grid gap-x-8 gap-y-3 px-1 py-5 sm:grid-cols-[minmax(0,1fr)_auto] sm:px-3">
      <div className="min-w-0">
        <h2 className="text-lg leading-snug break-words">{schedule.name}</h2>
        <p className="mt-1 flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-quiet">
          <StatusText status={status === "active" ? "schedule_active" : status} />
          <span>
            {schedule.every === undefined ? "once" : <code className="font-mono text-[0.8125rem] text-ink">{schedule.every}</code>} ·{" "}
            {schedule.zone}
          </span>
          <span>{plural(schedule.runs_total, "run")}</span>
        </p>
        <p className="mt-1 text-sm">{nextWords(schedule)}</p>
        <p className="mt-0.5 text-sm text-quiet">
          {MISSED[schedule.missed]}; {OVERLAP[schedule.overlap]}.
        </p>
        {runs.length > 0 && (
          <ul aria-label={`Newest runs of ${schedule.name}`} className="mt-3 space-y-1 text-sm">
            {runs.slice(0, SHOWN_RUNS).map((run) => (
              <li key={run.run} className="flex items-start gap-2">
                <StatusMark status={run.status} className="mt-0.5 size-4" />
                <span className="min-w-0 break-words">
                  {run.plan_id === undefined ? (
                    formatTime(run.fired_at)
                  ) : (
                    <Link to={{ page: "run", planId: run.plan_id, part: "plan" }}>{formatTime(run.fired_at)}</Link>
                  )}{" "}
                  <span className="text-quiet">{run.status}</span>
                  {run.error !== undefined && <span className="text-bad"> {run.error.message}</span>}
                </span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="flex flex-wrap items-start gap-2">
        {useScheduleCommands(schedule, onDone, () => setRemoving(true)).map((command) => (
          <CommandButton key={`${id} ${command.id}`} command={command} />
        ))}
      </div>
      {isRemoving && <RemoveDialog schedule={schedule} onClose={() => setRemoving(false)} onDone={onDone} />}
    </li>
  );
}

function nextWords({ status, next_at, zone }: ScheduleView): string {
  if (next_at !== null) return `Next run: ${formatDue(next_at, zone)}`;
  return status === "paused" ? "No run while it is paused" : "No run is due any more";
}

/** What can be done with it as it stands. */
function useScheduleCommands(
  { schedule_id: id, name, status }: ScheduleView,
  onDone: () => void,
  onRemove: () => void,
): readonly Command[] {
  const { notices, machine } = useConsole();
  const { client } = useSignedIn();
  const params = { schedule_id: id };
  const group = "Schedules";
  const change = async (paused: boolean) => {
    await client.call("patchSchedule", { params, body: { paused } });
    notices.done(paused ? `${name} is paused.` : `${name} goes on.`);
    onDone();
  };
  if (status === "removed") return [];
  return [
    {
      id: "schedule.run",
      label: "Run now",
      group,
      async perform() {
        await client.call("runSchedule", { params }, { idempotencyKey: machine.newKey() });
        notices.done(`${name} was started.`);
        onDone();
      },
    },
    ...(status === "active" ? [{ id: "schedule.pause", label: "Pause", group, perform: () => change(true) }] : []),
    ...(status === "paused" ? [{ id: "schedule.resume", label: "Resume", group, perform: () => change(false) }] : []),
    {
      id: "schedule.remove",
      label: "Remove",
      group,
      isGrave: true,
      perform: onRemove,
    },
  ];
}
