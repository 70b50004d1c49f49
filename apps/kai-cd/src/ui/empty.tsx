// A place where there is nothing yet, and what brings something into it.

import type { ReactNode } from "react";

export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-edge/70 px-6 py-10 text-center">
      <p className="font-title text-lg">{title}</p>
      <div className="mx-auto mt-2 max-w-prose space-y-2 text-sm text-quiet">{children}</div>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p role="status" className="py-10 text-center text-sm text-quiet">
      Loading {what}…
    </p>
  );
}

/** A line to type into a terminal. */
export function CommandLine({ children }: { readonly children: string }) {
  return (
    <code className="inline-block max-w-full rounded border border-line bg-sunk px-2 py-0.5 text-left font-mono text-[0.8125rem] break-all text-ink">
      {children}
    </code>
  );
}
