// Whether what is shown is what is: the connection to the node, in a mark and a word, read out when it changes.

import { useStore } from "../data/store.ts";
import type { LinkState } from "../live/follow.ts";
import { useSignedIn } from "./console.ts";

const LOOKS: Readonly<Record<LinkState, { readonly words: string; readonly dot: string; readonly text: string }>> = {
  connecting: { words: "connecting", dot: "border-2 border-busy", text: "text-quiet" },
  live: { words: "live", dot: "bg-good", text: "text-quiet" },
  lost: { words: "not connected, trying again", dot: "bg-bad", text: "text-bad font-medium" },
};

export function ConnectionState() {
  const { feed } = useSignedIn();
  const { words, dot, text } = LOOKS[useStore(feed.link)];
  return (
    <p role="status" aria-label="Connection to the node" className={`mr-2 flex items-center gap-2 text-sm ${text}`}>
      <span aria-hidden="true" className={`size-2.5 rounded-full ${dot}`} />
      {words}
    </p>
  );
}
