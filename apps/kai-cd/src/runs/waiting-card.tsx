// The frame of whatever waits for a person: an approval, a question, a doubt.

import { type ReactNode, useId } from "react";
import { formatTime } from "../format/quantity.ts";

export interface WaitingCardProps {
  readonly kind: string;
  readonly title: string;
  readonly at?: string;
  readonly isDoubt?: boolean;
  readonly children: ReactNode;
}

export function WaitingCard({ kind, title, at, isDoubt = false, children }: WaitingCardProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={`space-y-3 rounded-lg border border-l-4 bg-panel p-4 sm:p-5 ${isDoubt ? "border-doubt/40 border-l-doubt" : "border-wait/40 border-l-wait"}`}
    >
      <header>
        <p className={`flex flex-wrap justify-between gap-x-4 text-sm font-medium ${isDoubt ? "text-doubt" : "text-wait"}`}>
          {kind}
          {at !== undefined && <span className="font-normal text-quiet">{formatTime(at)}</span>}
        </p>
        <h2 id={id} className="mt-0.5 text-lg leading-snug break-words">
          {title}
        </h2>
      </header>
      {children}
    </section>
  );
}
