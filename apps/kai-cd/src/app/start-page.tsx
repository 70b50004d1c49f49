// Where one begins: what waits, what can be started, what ran last.

import { useStore } from "../data/store.ts";
import { useResource } from "../data/use-resource.ts";
import { PlaybookList } from "../playbooks/playbook-list.tsx";
import { Link } from "../routing/link.tsx";
import { RunTable } from "../runs/run-table.tsx";
import { CommandLine, Empty, Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { useSignedIn } from "./console.ts";
import { useWaiting } from "./use-waiting.ts";

const LATEST = 5;
const WAITS: ReadonlySet<string> = new Set(["waiting_approval", "waiting_input", "in_doubt"]);

export function StartPage() {
  const { client, feed } = useSignedIn();
  const revision = useStore(feed.plans);
  const playbooks = useResource("playbooks", (signal) => client.call("playbooks", {}, { signal }));
  const latest = useResource("latest", (signal) => client.call("plans", { query: { limit: LATEST } }, { signal }), {
    revision,
    everyMs: 15_000,
  });
  const waiting = useWaiting();
  const runs = latest.value?.items.filter(({ status }) => !WAITS.has(status)) ?? [];
  return (
    <>
      <PageHead title="What shall be done?" tabTitle="Start" />
      {waiting.length > 0 && (
        <section
          aria-labelledby="waiting-title"
          className="mb-10 rounded-lg border border-l-4 border-wait/40 border-l-wait bg-panel px-4 pt-4 sm:px-5 [&_ul]:border-b-0"
        >
          <h2 id="waiting-title" className="mb-2 text-lg">
            Waiting for you
          </h2>
          <RunTable plans={waiting} label="Runs that wait for you" />
        </section>
      )}
      <div className="grid gap-x-12 gap-y-10 lg:grid-cols-[minmax(0,1fr)_25rem]">
        <section aria-labelledby="playbooks-title">
          <h2 id="playbooks-title" className="mb-3 text-lg text-quiet">
            Playbooks
          </h2>
          {playbooks.error !== undefined && (
            <ProblemNote error={playbooks.error} title="The playbooks cannot be listed." onRetry={playbooks.reload} />
          )}
          {playbooks.value === undefined && playbooks.error === undefined && <Loading what="the playbooks" />}
          {playbooks.value?.items.length === 0 && (
            <Empty title="This node has no playbook">
              <p>Put one into the folder playbooks of the data folder; it appears here at once.</p>
            </Empty>
          )}
          {playbooks.value !== undefined && playbooks.value.items.length > 0 && <PlaybookList playbooks={playbooks.value.items} />}
        </section>
        <section aria-labelledby="latest-title" className="min-w-0">
          <h2 id="latest-title" className="mb-3 flex items-baseline justify-between text-lg text-quiet">
            Latest runs
            {runs.length > 0 && (
              <Link to={{ page: "runs", status: "" }} className="font-sans text-sm text-accent underline hover:text-accent-strong">
                all runs
              </Link>
            )}
          </h2>
          {latest.error !== undefined && <ProblemNote error={latest.error} title="The runs cannot be listed." onRetry={latest.reload} />}
          {latest.value !== undefined && latest.value.items.length === 0 && (
            <Empty title="Nothing has run yet">
              <p>Choose a playbook, or see one work in the terminal:</p>
              <p>
                <CommandLine>npx kai run repo-report --path .</CommandLine>
              </p>
            </Empty>
          )}
          {runs.length > 0 && <LatestRuns plans={runs} />}
        </section>
      </div>
    </>
  );
}

function LatestRuns({ plans }: Pick<Parameters<typeof RunTable>[0], "plans">) {
  return (
    <div className="[&_li]:sm:grid-cols-1 [&_p]:sm:text-left">
      <RunTable plans={plans} label="Latest runs" />
    </div>
  );
}
