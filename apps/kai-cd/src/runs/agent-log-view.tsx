// What agents report of a run, live, below its events.

import type { LogRecord } from "@kos/api";
import { useEffect, useMemo } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { useStore } from "../data/store.ts";
import { formatClock } from "../format/quantity.ts";
import { follow } from "../live/follow.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useStayAtEnd } from "../ui/stay-at-end.ts";
import { createAgentLog, fieldsText } from "./agent-log.ts";

const TONES: Readonly<Record<string, string>> = { warn: "text-wait", error: "text-bad", fatal: "text-bad" };

export function AgentLogView({ planId, task }: { readonly planId: string; readonly task: string | undefined }) {
  const { machine, sessions } = useConsole();
  const { client, token } = useSignedIn();
  const log = useMemo(() => createAgentLog({ client, planId }), [client, planId]);
  const { records, error } = useStore(log.state);
  useEffect(() => {
    const stop = new AbortController();
    follow({
      url: machine.socketUrl,
      token,
      topics: ["log"],
      createSocket: machine.createSocket,
      pause: machine.pause,
      signal: stop.signal,
      onFrame: log.take,
      onState: (state) => state === "live" && void log.load(),
    }).catch((thrown: unknown) => {
      if ((thrown as { readonly code?: string }).code === "UNAUTHORIZED") sessions.expire();
    });
    return () => stop.abort();
  }, [machine, sessions, token, log]);
  const shown = records?.filter(({ task_id: of }) => task === undefined || of === task || (of?.startsWith(`${task}[`) ?? false)) ?? [];
  return (
    <section aria-labelledby="agent-log-title" className="mt-10">
      <h2 id="agent-log-title" className="mb-3 text-xl">
        What agents report
      </h2>
      {error !== undefined && <ProblemNote error={error} title="The records cannot be read." onRetry={() => void log.load()} />}
      {records !== undefined && shown.length === 0 && (
        <p className="text-sm text-quiet">Nothing so far. Most calls have nothing to report beyond their events.</p>
      )}
      {shown.length > 0 && <Records records={shown} />}
    </section>
  );
}

function Records({ records }: { readonly records: readonly LogRecord[] }) {
  const box = useStayAtEnd(records.length);
  return (
    <div
      {...box}
      tabIndex={0}
      role="region"
      aria-label="Records"
      className="max-h-[24rem] overflow-auto rounded-lg border border-line bg-panel"
    >
      <ol className="divide-y divide-line/60 text-sm">
        {records.map((record) => (
          <li key={JSON.stringify(record)} className="grid gap-x-4 px-4 py-1.5 sm:grid-cols-[auto_1fr]">
            <span className="numeric text-2xs leading-5 whitespace-nowrap text-quiet">
              {formatClock(record.at)} <span className={TONES[record.level] ?? ""}>{record.level}</span>
            </span>
            <span className="min-w-0 wrap-anywhere">
              {record.task_id !== undefined && <span className="text-quiet">{record.task_id}: </span>}
              <span className={TONES[record.level] ?? ""}>{record.message}</span>
              <span className="ml-2 text-quiet">{fieldsText(record.fields)}</span>
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
