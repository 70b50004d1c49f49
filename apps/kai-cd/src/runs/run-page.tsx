// A run from its first moment to its proof: graph and tasks, log, results, evidence, and whatever it asks of a person.

import { isEnded, type PlanView, type RunState } from "@kos/api";
import { useEffect, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { useCommands } from "../commands/command.ts";
import { createStore, useStore } from "../data/store.ts";
import { useNow } from "../data/use-now.ts";
import { RunEvidence } from "../evidence/run-evidence.tsx";
import { Link } from "../routing/link.tsx";
import { type Route, RUN_PARTS, type RunPart } from "../routing/route.ts";
import { Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { AgentLogView } from "./agent-log-view.tsx";
import { LogView } from "./log-view.tsx";
import { PlanPart } from "./plan-part.tsx";
import { Results } from "./results.tsx";
import { type RunActions, runCommands } from "./run-commands.ts";
import { CancelDialog, RetryDialog } from "./run-dialogs.tsx";
import type { RunFeed, RunFeedState } from "./run-feed.ts";
import { RunHead } from "./run-head.tsx";
import { useRunFeed } from "./use-run-feed.ts";
import { WAITING_ID, WaitingPanel } from "./waiting-panel.tsx";

type RunRoute = Extract<Route, { readonly page: "run" }>;

const PART_NAMES: Readonly<Record<RunPart, string>> = { plan: "Plan", log: "Log", results: "Results", evidence: "Evidence" };
const NOTHING = createStore<RunFeedState>({ view: undefined, run: undefined, log: [] });

export function RunPage({ route }: { readonly route: RunRoute }) {
  const feed = useRunFeed(route.planId);
  const state = useStore(feed?.state ?? NOTHING);
  const { view, run, error } = state;
  if (feed === undefined || view === undefined || run === undefined) {
    return (
      <>
        <PageHead title="Run" />
        {error === undefined ? (
          <Loading what="the run" />
        ) : (
          <ProblemNote error={error} title="This run cannot be shown." onRetry={() => feed?.refresh()} />
        )}
      </>
    );
  }
  return <Run route={route} feed={feed} state={state} view={view} run={run} />;
}

interface RunProps {
  readonly route: RunRoute;
  readonly feed: RunFeed;
  readonly state: RunFeedState;
  readonly view: PlanView;
  readonly run: RunState;
}

function Run({ route, feed, state, view, run }: RunProps) {
  const { commands: book, router, notices } = useConsole();
  const { client } = useSignedIn();
  const [asked, setAsked] = useState<"cancel" | "retry">();
  const nowMs = useNow(!isEnded(run.status));
  const { planId, part } = route;
  const params = { plan_id: planId };

  const actions: RunActions = {
    ask: setAsked,
    async pause() {
      await client.call("pausePlan", { params, body: {} });
      notices.done("Paused. What runs goes on to its end.");
      feed.refresh();
    },
    async resume() {
      await client.call("resumePlan", { params, body: {} });
      notices.done("Resumed.");
      feed.refresh();
    },
    async start() {
      await client.call("submit", { body: { plan_id: planId } });
      feed.refresh();
    },
    attend() {
      const panel = document.getElementById(WAITING_ID);
      panel?.scrollIntoView({ block: "start" });
      panel?.focus();
    },
    verify: () => router.go({ page: "run", planId, part: "evidence" }),
    openResults: () => router.go({ page: "run", planId, part: "results" }),
  };
  const commands = runCommands(view, run.status, actions);
  useCommands(book, commands);

  const select = (task: string | undefined) => router.replace({ page: "run", planId, part, ...(task !== undefined && { task }) });
  // What ends the state a question is about ends the question.
  useEffect(() => setAsked(undefined), [run.status]);
  return (
    <>
      <RunHead view={view} run={run} nowMs={nowMs} commands={commands} />
      {state.error !== undefined && (
        <div className="mt-6">
          <ProblemNote error={state.error} title="What is shown may be out of date." onRetry={feed.refresh} />
        </div>
      )}
      {run.problem !== undefined && run.status === "failed" && <Failure view={view} problem={run.problem} />}
      <WaitingPanel view={view} onDone={feed.refresh} />
      <nav aria-label="Parts of this run" className="mt-8 flex gap-x-6 overflow-x-auto border-b border-line">
        {RUN_PARTS.map((name) => (
          <Link
            key={name}
            to={{ page: "run", planId, part: name }}
            isCurrent={name === part}
            className={`-mb-px border-b-2 px-0.5 py-2.5 font-medium ${name === part ? "border-accent text-ink" : "border-transparent text-quiet hover:text-ink"}`}
          >
            {PART_NAMES[name]}
          </Link>
        ))}
      </nav>
      <div className="pt-6">
        {part === "plan" && <PlanPart view={view} run={run} nowMs={nowMs} selected={route.task} onSelect={select} />}
        {part === "log" && (
          <>
            <LogView run={run} log={state.log} task={route.task} onTask={select} />
            <AgentLogView planId={planId} task={route.task} />
          </>
        )}
        {part === "results" && <Results view={view} />}
        {part === "evidence" && <RunEvidence planId={planId} />}
      </div>
      {asked === "cancel" && <CancelDialog view={view} onClose={() => setAsked(undefined)} />}
      {asked === "retry" && <RetryDialog view={view} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Failure({ view, problem }: { readonly view: PlanView; readonly problem: string }) {
  const failed = view.tasks.find(({ status }) => status === "failed");
  return (
    <div role="alert" className="mt-6 rounded-lg border border-bad/40 bg-bad-wash p-4 text-sm">
      <p className="font-medium">
        The run has failed {view.error !== undefined && <code className="font-mono text-2xs text-bad">{view.error.code}</code>}
      </p>
      <p className="mt-1 break-words">{problem}</p>
      {failed !== undefined && (
        <p className="mt-2">
          <Link to={{ page: "run", planId: view.plan.plan_id, part: "plan", task: failed.task_id.replace(/\[\d+\]$/, "") }}>
            Look at the task: {failed.title}
          </Link>
        </p>
      )}
    </div>
  );
}
