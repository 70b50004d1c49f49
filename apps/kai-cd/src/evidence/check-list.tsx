// The checks of a report, each with what it found.

import { EVIDENCE_CHECKS, type EvidenceReport } from "@kos/evidence";
import { StatusMark } from "../ui/status-mark.tsx";

const MOST_ITEMS = 8;

export function CheckList({ report }: { readonly report: EvidenceReport }) {
  const left = EVIDENCE_CHECKS.filter(([id]) => !report.checks.some((check) => check.id === id));
  return (
    <ol aria-label="Checks" className="mt-4 divide-y divide-line border-y border-line">
      {report.checks.map((check) => (
        <li key={check.id} data-check={check.id} data-passed={check.passed} className="flex gap-3 py-2.5">
          <StatusMark status={check.passed ? "succeeded" : "failed"} className="mt-1 size-4" />
          <div className="min-w-0">
            <p className="font-medium">
              {check.title}
              <span className="sr-only">: {check.passed ? "yes" : "no"}</span>
            </p>
            <p className="text-sm break-words text-quiet">{check.detail}</p>
            {check.items.length > 0 && (
              <ul className="mt-1 flex flex-wrap gap-x-3 text-sm">
                {check.items.slice(0, MOST_ITEMS).map((item) => (
                  <li key={item}>
                    <code className="font-mono text-[0.8125rem] break-all text-bad">{item}</code>
                  </li>
                ))}
                {check.items.length > MOST_ITEMS && <li className="text-quiet">and {check.items.length - MOST_ITEMS} more</li>}
              </ul>
            )}
          </div>
        </li>
      ))}
      {left.map(([id, title]) => (
        <li key={id} className="flex gap-3 py-2.5 text-quiet">
          <StatusMark status="skipped" className="mt-1 size-4" />
          <p>{title}: not reached</p>
        </li>
      ))}
    </ol>
  );
}
