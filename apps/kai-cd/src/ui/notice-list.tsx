// Notices, in a corner; the region is always there, so that readers hear what comes into it.

import { useConsole } from "../app/console.ts";
import { useStore } from "../data/store.ts";
import { Icon } from "./icon.tsx";

export function NoticeList() {
  const { notices } = useConsole();
  const shown = useStore(notices.shown);
  return (
    <div
      role="region"
      aria-label="Notices"
      aria-live="polite"
      className="fixed right-4 bottom-4 left-4 z-10 flex flex-col items-end gap-2 sm:left-auto"
    >
      {shown.map((notice) => (
        <div
          key={notice.id}
          className={`flex max-w-md items-start gap-4 rounded-lg border border-l-4 bg-panel py-3 pr-2 pl-4 text-sm shadow-lg ${
            notice.tone === "done" ? "border-line border-l-good" : "border-line border-l-bad"
          }`}
        >
          <p className="min-w-0 break-words">{notice.text}</p>
          <button
            type="button"
            aria-label="Close this notice"
            onClick={() => notices.close(notice.id)}
            className="-my-1 grid size-8 shrink-0 place-items-center rounded text-quiet hover:bg-sunk hover:text-ink"
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
