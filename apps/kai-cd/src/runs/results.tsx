// What came out of a run: its facts, its files, and one of them shown.

import { isEnded, type PlanView } from "@kos/api";
import { useState } from "react";
import { useSignedIn } from "../app/console.ts";
import { ArtifactList } from "../artifacts/artifact-list.tsx";
import { Preview } from "../artifacts/preview.tsx";
import { canPreview, mainArtifact } from "../artifacts/preview-kind.ts";
import { useResource } from "../data/use-resource.ts";
import { Empty, Loading } from "../ui/empty.tsx";
import { JsonBlock } from "../ui/json-block.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { hashesIn, outputFacts } from "./output-facts.ts";

const MOST_FILES = 200;

export function Results({ view }: { readonly view: PlanView }) {
  const { client } = useSignedIn();
  const [chosen, setChosen] = useState<string>();
  const { plan_id: planId, status } = view.plan;
  const files = useResource(
    `files ${planId}`,
    (signal) => client.call("searchArtifacts", { query: { plan_id: planId, limit: MOST_FILES } }, { signal }),
    { revision: view.seq },
  );
  const artifacts = files.value?.items.toReversed() ?? [];
  const named = hashesIn(view.output);
  const results = artifacts.filter(({ hash }) => named.has(hash));
  const others = artifacts.filter(({ hash }) => !named.has(hash));
  const shown = artifacts.find(({ artifact_id: id }) => id === chosen) ?? mainArtifact(results) ?? mainArtifact(others);
  const facts = outputFacts(view.output);
  if (files.error !== undefined && files.value === undefined)
    return <ProblemNote error={files.error} title="The files of the run cannot be listed." onRetry={files.reload} />;
  if (files.value === undefined) return <Loading what="the results" />;
  if (artifacts.length === 0 && view.output === undefined) {
    return (
      <Empty title={isEnded(status) ? "Nothing came out of this run" : "Nothing has come out yet"}>
        <p>
          {isEnded(status)
            ? "It wrote no files and gave no output. The log says how it ended."
            : "Files appear here as soon as a task has written one, the output when all tasks have ended."}
        </p>
      </Empty>
    );
  }
  return (
    <div className="space-y-8">
      {facts.length > 0 && (
        <section aria-labelledby="facts-title">
          <h2 id="facts-title" className="mb-3 text-xl">
            In short
          </h2>
          <dl className="grid grid-cols-2 gap-x-8 sm:grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] gap-y-4 border-y border-line py-4">
            {facts.map(({ name, text }) => (
              <div key={name} className={text.length > 24 ? "col-span-full" : ""}>
                <dt className="text-sm text-quiet">{name}</dt>
                <dd className={`numeric mt-0.5 break-words ${text.length > 24 ? "" : "font-title text-2xl"}`}>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {artifacts.length > 0 && (
        <section aria-labelledby="files-title">
          <h2 id="files-title" className="mb-3 text-xl">
            Files
          </h2>
          <ArtifactList label="Files" artifacts={results.length > 0 ? results : others} shown={shown?.artifact_id} onShow={setChosen} />
          {results.length > 0 && others.length > 0 && (
            <details className="mt-3">
              <summary className="text-sm text-quiet underline decoration-dotted underline-offset-4">
                Written along the way ({others.length})
              </summary>
              <div className="mt-2">
                <ArtifactList label="Files written along the way" artifacts={others} shown={shown?.artifact_id} onShow={setChosen} />
              </div>
            </details>
          )}
          {shown !== undefined && canPreview(shown) && (
            <div className="mt-4">
              <Preview key={shown.artifact_id} artifact={shown} />
              <p className="mt-2 text-sm text-quiet">
                Shown from another address, without scripts and without a way to this page. What a run has written is not trusted.
              </p>
            </div>
          )}
        </section>
      )}
      {view.output !== undefined && (
        <details>
          <summary className="text-sm text-quiet underline decoration-dotted underline-offset-4">The whole output as JSON</summary>
          <div className="mt-2">
            <JsonBlock value={view.output} label="Output of the run" />
          </div>
        </details>
      )}
    </div>
  );
}
