// The log of a run: its events as sentences, the newest at the end and in view, as long as nobody has scrolled away from it.

import type { RunState } from "@kos/api";
import { useState } from "react";
import { formatClock, formatCount } from "../format/quantity.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { useStayAtEnd } from "../ui/stay-at-end.ts";
import type { LogLine, Tone } from "./event-sentence.ts";

export interface LogViewProps {
  readonly run: RunState;
  readonly log: readonly LogLine[];
  /** Only lines of this task. */
  readonly task: string | undefined;
  readonly onTask: (taskId: string | undefined) => void;
}

const PAGE = 400;
const TONES: Readonly<Record<Tone, string>> = {
  plain: "text-ink",
  good: "text-good",
  bad: "text-bad",
  wait: "text-wait",
  quiet: "text-quiet",
};

export function LogView({ run, log, task, onTask }: LogViewProps) {
  const [pages, setPages] = useState(1);
  const [onlyProblems, setOnlyProblems] = useState(false);
  const lines = log.filter((line) => isOf(line, task) && (!onlyProblems || line.tone === "bad" || line.tone === "wait"));
  const shown = lines.slice(-pages * PAGE);
  const box = useStayAtEnd(shown.length);
  return (
    <section aria-labelledby="log-title">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2 id="log-title" className="text-xl">
          Log
        </h2>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-sm">
          <label className="flex items-center gap-2">
            Task
            <select
              value={task ?? ""}
              onChange={(event) => onTask(event.target.value === "" ? undefined : event.target.value)}
              className="field min-h-9 max-w-60 py-1 text-sm"
            >
              <option value="">all</option>
              {[...run.tasks.values()].slice(0, 500).map((row) => (
                <option key={row.taskId} value={row.taskId}>
                  {row.title}
                </option>
              ))}
            </select>
          </label>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={onlyProblems}
              onChange={(event) => setOnlyProblems(event.target.checked)}
              className="size-4 accent-accent"
            />
            Only what needs a look
          </label>
        </div>
      </div>
      {lines.length === 0 ? (
        <Empty title="Nothing to read here yet">
          <p>
            {onlyProblems ? "Nothing has gone wrong so far." : "Every event of the run appears here as it is written into the signed log."}
          </p>
        </Empty>
      ) : (
        <div
          {...box}
          tabIndex={0}
          role="region"
          aria-label="Events"
          className="max-h-[36rem] overflow-auto rounded-lg border border-line bg-panel"
        >
          {lines.length > shown.length && (
            <Button looks="quiet" className="m-2" onClick={() => setPages(pages + 1)}>
              Show earlier ones ({formatCount(lines.length - shown.length)})
            </Button>
          )}
          <table className="w-full text-sm">
            <thead className="sr-only">
              <tr>
                <th scope="col">Number</th>
                <th scope="col">Time</th>
                <th scope="col">Task</th>
                <th scope="col">What happened</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((line) => (
                <Row key={line.seq} line={line} {...titleOf(line, run)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  readonly line: LogLine;
  readonly title: string;
  readonly item: string;
}

function Row({ line, title, item }: RowProps) {
  return (
    <tr className="border-b border-line/60 align-top last:border-0" title={line.event}>
      <td className="numeric hidden py-1.5 pl-4 text-2xs leading-5 text-quiet sm:table-cell">{line.seq}</td>
      <td className="numeric py-1.5 pr-3 pl-4 text-2xs leading-5 whitespace-nowrap text-quiet">{formatClock(line.at)}</td>
      <td className="hidden py-1.5 pr-4 md:table-cell">
        <span className="flex w-60 gap-1">
          <span className="truncate">{title}</span>
          {item !== "" && <span className="numeric shrink-0 text-quiet">{item}</span>}
        </span>
      </td>
      <td className={`w-full py-1.5 pr-4 break-words ${TONES[line.tone]}`}>
        <span className="text-quiet md:hidden">{title !== "" && `${title}${item === "" ? "" : ` ${item}`}: `}</span>
        {line.text}
      </td>
    </tr>
  );
}

function isOf(line: LogLine, task: string | undefined): boolean {
  return task === undefined || line.taskId === task || (line.taskId?.startsWith(`${task}[`) ?? false);
}

function titleOf({ taskId }: LogLine, run: RunState): { readonly title: string; readonly item: string } {
  if (taskId === undefined) return { title: "", item: "" };
  const [, parent = taskId, item = ""] = /^(.+)(\[\d+\])$/.exec(taskId) ?? [];
  return { title: run.tasks.get(parent)?.title ?? parent, item };
}
