// Documentation of playbooks: paragraphs and lists, with words between backquotes as code and between stars as emphasis. Nothing else in the
// text means anything, least of all HTML.

import type { ReactNode } from "react";
import { blocksOf } from "./prose-blocks.ts";

export function Prose({ text }: { readonly text: string }): ReactNode {
  return blocksOf(text).map((block) =>
    block.kind === "paragraph" ? (
      <p key={block.text}>
        <Words text={block.text} />
      </p>
    ) : (
      <ul key={block.items.join("\n")} className="list-disc space-y-1.5 pl-4">
        {block.items.map((item) => (
          <li key={item}>
            <Words text={item} />
          </li>
        ))}
      </ul>
    ),
  );
}

function Words({ text }: { readonly text: string }): ReactNode {
  return text.split(/(`[^`]+`|\*[^*\s](?:[^*]*[^*\s])?\*)/).map((part, place) =>
    place % 2 === 0 ? (
      part
    ) : part.startsWith("`") ? (
      // oxlint-disable-next-line react/no-array-index-key -- the parts of a text have no other name, and never change places
      <code key={place} className="font-mono text-[0.9em] break-words text-ink">
        {part.slice(1, -1)}
      </code>
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- as above
      <em key={place}>{part.slice(1, -1)}</em>
    ),
  );
}
