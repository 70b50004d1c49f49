// The items of a `for_each`: counted by state, then those that need a look; the others when asked for.

import type { TaskView } from "@kos/api";
import { useState } from "react";
import { formatCount } from "../format/quantity.ts";
import { Button } from "../ui/button.tsx";
import { statusLook } from "../ui/status-look.ts";
import { StatusMark } from "../ui/status-mark.tsx";

const PAGE = 50;
const FIRST: readonly TaskView["status"][] = ["failed", "in_doubt", "waiting_approval", "waiting_input", "running", "reviewing"];

export function ItemList({ tasks, parent }: { readonly tasks: readonly TaskView[]; readonly parent: string }) {
  const [shown, setShown] = useState(0);
  const items = tasks.filter(({ task_id: id }) => id.startsWith(`${parent}[`));
  if (items.length === 0) return null;
  const counts = [...Map.groupBy(items, ({ status }) => status)].map(([status, some]) => [status, some.length] as const);
  const urgent = items.filter(({ status }) => FIRST.includes(status));
  const others = items.filter(({ status }) => !FIRST.includes(status));
  const listed = [...urgent.slice(0, PAGE), ...others.slice(0, shown)];
  const left = others.length - Math.min(shown, others.length);
  return (
    <section>
      <h4 className="text-sm font-medium">{formatCount(items.length)} items</h4>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {counts.map(([status, count]) => (
          <li key={status} className="inline-flex items-center gap-1.5">
            <StatusMark status={status} className="size-3.5" />
            {formatCount(count)} {statusLook(status).words}
          </li>
        ))}
      </ul>
      {listed.length > 0 && (
        <ul className="mt-3 max-h-72 divide-y divide-line overflow-auto border-y border-line text-sm" tabIndex={0} aria-label="Items">
          {listed.map((item) => (
            <li key={item.task_id} className="flex gap-2 py-1.5">
              <StatusMark status={item.status} className="mt-0.5 size-4" />
              <div className="min-w-0">
                <code className="font-mono text-[0.8125rem]">{item.task_id}</code>
                {item.attempt > 1 && <span className="ml-2 text-2xs text-quiet">{item.attempt} attempts</span>}
                {item.error !== undefined && <p className="break-words text-bad">{item.error.message}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
      {urgent.length > PAGE && <p className="mt-1 text-sm text-quiet">and {formatCount(urgent.length - PAGE)} more like these</p>}
      {left > 0 && (
        <Button looks="quiet" className="mt-1 -ml-3" onClick={() => setShown(shown + PAGE)}>
          Show {formatCount(Math.min(PAGE, left))} {shown === 0 ? "items" : "more"}
        </Button>
      )}
    </section>
  );
}
