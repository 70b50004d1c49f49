// The plan of a run: as a graph with one task's detail beside it, or as a list.

import type { PlanView, RunState } from "@kos/api";
import { useState } from "react";
import { GraphView } from "../graph/graph-view.tsx";
import { MOST_NODES } from "../graph/run-graph.ts";
import { Icon } from "../ui/icon.tsx";
import { TaskDetail } from "./task-detail.tsx";
import { TaskList } from "./task-list.tsx";

export interface PlanPartProps {
  readonly view: PlanView;
  readonly run: RunState;
  readonly nowMs: number;
  readonly selected: string | undefined;
  readonly onSelect: (taskId: string | undefined) => void;
}

const WAYS = ["Graph", "List"] as const;

export function PlanPart({ view, run, nowMs, selected, onSelect }: PlanPartProps) {
  const [way, setWay] = useState<(typeof WAYS)[number]>(run.tasks.size > MOST_NODES ? "List" : "Graph");
  const known = selected !== undefined && run.tasks.has(selected) ? selected : undefined;
  return (
    <section aria-labelledby="plan-title">
      <div className="mb-3 flex items-center justify-between gap-4">
        <h2 id="plan-title" className="text-xl">
          Plan
        </h2>
        <div role="group" aria-label="Way to show the plan" className="flex overflow-hidden rounded-md border border-edge">
          {WAYS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === way}
              onClick={() => setWay(name)}
              className={`min-h-9 px-3.5 text-sm font-medium ${name === way ? "bg-ink text-page" : "bg-panel hover:bg-sunk"}`}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      {way === "Graph" ? (
        <GraphView run={run} nowMs={nowMs} selected={known} onSelect={onSelect} />
      ) : (
        <TaskList run={run} nowMs={nowMs} selected={known} onSelect={onSelect} />
      )}
      {known !== undefined && (
        <aside aria-label="Task" className="relative mt-4 rounded-lg border border-line bg-panel p-4 sm:p-5">
          <button
            type="button"
            aria-label="Close the task"
            onClick={() => onSelect(undefined)}
            className="absolute top-3 right-3 grid size-8 place-items-center rounded text-quiet hover:bg-sunk hover:text-ink"
          >
            <Icon name="close" />
          </button>
          <TaskDetail key={known} view={view} run={run} taskId={known} nowMs={nowMs} onSelect={onSelect} />
        </aside>
      )}
      {known === undefined && <p className="mt-3 text-sm text-quiet">Choose a task to see how it went and what came out of it.</p>}
    </section>
  );
}
