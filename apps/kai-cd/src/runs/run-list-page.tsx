// All runs of the node, by state.

import type { PlanSummary } from "@kos/api";
import { useEffect, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { useStore } from "../data/store.ts";
import { useResource } from "../data/use-resource.ts";
import { Link } from "../routing/link.tsx";
import { Button } from "../ui/button.tsx";
import { CommandLine, Empty, Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { RunTable } from "./run-table.tsx";

/** Filters as people ask: each a set of states. */
const FILTERS = [
  { name: "All", status: "" },
  { name: "Running", status: "running,paused" },
  { name: "Waiting for you", status: "waiting_approval,waiting_input,in_doubt" },
  { name: "Succeeded", status: "succeeded" },
  { name: "Failed", status: "failed" },
  { name: "Cancelled", status: "cancelled" },
  { name: "Drafts", status: "draft" },
] as const;
const PAGE = 25;

export function RunListPage({ status }: { readonly status: string }) {
  const { client, feed } = useSignedIn();
  const revision = useStore(feed.plans);
  const query = { limit: PAGE, ...(status !== "" && { status }) };
  const first = useResource(`runs ${status}`, (signal) => client.call("plans", { query }, { signal }), { revision, everyMs: 10_000 });
  const [more, setMore] = useState<{ readonly items: readonly PlanSummary[]; readonly cursor: string | null }>();
  const { commands } = useConsole();
  useEffect(() => setMore(undefined), [status]);

  const newest = first.value?.items ?? [];
  const known = new Set(newest.map(({ plan_id: id }) => id));
  const plans = [...newest, ...(more?.items.filter(({ plan_id: id }) => !known.has(id)) ?? [])];
  const cursor = more === undefined ? first.value?.next_cursor : more.cursor;
  const loadMore = (from: string) =>
    commands.run({
      id: "runs.more",
      label: "Show more runs",
      group: "Runs",
      async perform() {
        const page = await client.call("plans", { query: { ...query, cursor: from } });
        setMore({ items: [...(more?.items ?? []), ...page.items], cursor: page.next_cursor });
      },
    });

  return (
    <>
      <PageHead title="Runs" />
      <nav aria-label="Runs by state" className="mb-5 flex flex-wrap gap-x-1.5 gap-y-2">
        {FILTERS.map((filter) => (
          <Link
            key={filter.name}
            to={{ page: "runs", status: filter.status }}
            isCurrent={filter.status === status}
            className={`rounded-full border px-3.5 py-1.5 text-sm ${
              filter.status === status ? "border-ink bg-ink text-page" : "border-edge/60 bg-panel text-ink hover:border-ink"
            }`}
          >
            {filter.name}
          </Link>
        ))}
      </nav>
      {first.error !== undefined && (
        <div className="mb-4">
          <ProblemNote error={first.error} title="The runs cannot be listed." onRetry={first.reload} />
        </div>
      )}
      {first.value === undefined && first.error === undefined && <Loading what="the runs" />}
      {first.value !== undefined && plans.length === 0 && <NoRuns status={status} />}
      {plans.length > 0 && <RunTable plans={plans} label="Runs" />}
      {cursor !== null && cursor !== undefined && (
        <Button className="mt-4" onClick={() => loadMore(cursor)}>
          Show more
        </Button>
      )}
    </>
  );
}

function NoRuns({ status }: { readonly status: string }) {
  if (status !== "") {
    return (
      <Empty title="No run is in this state">
        <p>
          <Link to={{ page: "runs", status: "" }}>Show all runs</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has run yet">
      <p>
        <Link to={{ page: "start" }}>Choose a playbook</Link> to start one here, or in a terminal:
      </p>
      <p>
        <CommandLine>npx kai run repo-report --path .</CommandLine>
      </p>
    </Empty>
  );
}
