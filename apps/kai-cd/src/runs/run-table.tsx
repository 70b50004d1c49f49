// Runs as a list: what for, how it stands, how far, since when.

import type { PlanSummary } from "@kos/api";
import { formatDuration, formatTime } from "../format/quantity.ts";
import { Link } from "../routing/link.tsx";
import { StatusText } from "../ui/status-mark.tsx";

export function RunTable({ plans, label }: { readonly plans: readonly PlanSummary[]; readonly label: string }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line">
      {plans.map((plan) => (
        <li
          key={plan.plan_id}
          className="group relative grid gap-x-6 gap-y-1 px-1 py-3.5 transition-colors hover:bg-sunk sm:grid-cols-[minmax(0,1fr)_11rem_8.5rem] sm:items-baseline sm:px-3"
        >
          <Link
            to={{ page: "run", planId: plan.plan_id, part: "plan" }}
            className="line-clamp-2 font-medium break-words after:absolute after:inset-0 group-hover:text-accent"
          >
            {plan.goal}
          </Link>
          <StatusText status={plan.status} />
          <p className="numeric text-2xs text-quiet sm:text-right">
            {plan.tasks_done} of {plan.tasks_total} tasks
            <span className="block">
              {formatTime(plan.created_at)}
              {plan.ended_at !== undefined && ` · ${formatDuration(Date.parse(plan.ended_at) - Date.parse(plan.created_at))}`}
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}
