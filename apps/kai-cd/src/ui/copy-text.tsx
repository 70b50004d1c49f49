// A text that people carry elsewhere: an id, a key, a hash.

import { useState } from "react";

export function CopyText({ text, shown = text, what }: { readonly text: string; readonly shown?: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span className="inline-flex max-w-full items-baseline gap-1.5">
      <code className="font-mono text-[0.8125rem] break-all">{shown}</code>
      <button
        type="button"
        onClick={copy}
        aria-label={`Copy ${what}`}
        className="rounded px-1 text-2xs text-quiet underline decoration-dotted hover:text-ink"
      >
        {copied ? "copied" : "copy"}
      </button>
    </span>
  );
}
