// Plain text in which words between backquotes are code. Nothing else in it means anything.

import type { ReactNode } from "react";

export function CodeSpans({ text }: { readonly text: string }): ReactNode {
  return text.split(/`([^`\n]+)`/).map((part, place) =>
    place % 2 === 0 ? (
      part
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other name, and never change places
      <code key={place} className="font-mono text-[0.9em] break-words text-ink">
        {part}
      </code>
    ),
  );
}
