// What surrounds every page: where one is, whether the node is there, what waits, the palette, and what was just done.

import { type ReactNode, useEffect, useState } from "react";
import { useCommands } from "../commands/command.ts";
import { Palette } from "../commands/palette.tsx";
import { Link } from "../routing/link.tsx";
import type { Route } from "../routing/route.ts";
import { Mark } from "../ui/mark.tsx";
import { NoticeList } from "../ui/notice-list.tsx";
import { appCommands } from "./app-commands.ts";
import { ConnectionState } from "./connection-state.tsx";
import { useConsole } from "./console.ts";
import { ThemeButton } from "./theme-button.tsx";
import { useWaiting } from "./use-waiting.ts";

export function Shell({ route, children }: { readonly route: Route; readonly children: ReactNode }) {
  const console = useConsole();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const waiting = useWaiting();
  const commands = appCommands(console);
  useCommands(console.commands, commands);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyK") {
        event.preventDefault();
        setPaletteOpen(true);
        return;
      }
      // A dialog has the keys to itself.
      if (document.querySelector("dialog[open]") !== null) return;
      const command = console.commands.forKey(event);
      if (command === undefined) return;
      event.preventDefault();
      console.commands.run(command);
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [console]);

  const isRun = route.page === "run" || route.page === "runs";
  return (
    <div className="mx-auto max-w-[80rem] px-4 pb-20 sm:px-8">
      <a
        href="#main"
        onClick={skip}
        className="absolute top-2 left-2 z-10 -translate-y-20 rounded-md bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        Skip to the page
      </a>
      <header className="flex flex-wrap items-center gap-x-8 gap-y-2 border-b border-line pt-4 pb-3">
        <Link to={{ page: "start" }} className="flex items-center gap-2.5 font-title text-xl" label="kOS, start">
          <Mark className="size-7" /> kOS
        </Link>
        <nav aria-label="Pages" className="order-last flex w-full flex-wrap gap-x-3.5 sm:gap-x-6 lg:order-none lg:w-auto">
          <NavLink to={{ page: "start" }} isCurrent={route.page === "start" || route.page === "new"}>
            Start
          </NavLink>
          <NavLink to={{ page: "runs", status: "" }} isCurrent={isRun}>
            Runs
            {waiting.length > 0 && (
              <span className="numeric ml-1.5 inline-block rounded-full bg-wait px-1.5 py-px text-2xs font-semibold text-panel">
                {waiting.length}
                <span className="sr-only"> wait for you</span>
              </span>
            )}
          </NavLink>
          <NavLink to={{ page: "schedules" }} isCurrent={route.page === "schedules"}>
            Schedules
          </NavLink>
          <NavLink to={{ page: "agents" }} isCurrent={route.page === "agents"}>
            Agents
          </NavLink>
          <NavLink to={{ page: "verify" }} isCurrent={route.page === "verify"}>
            Verify
          </NavLink>
        </nav>
        <div className="ml-auto flex items-center gap-1.5">
          <ConnectionState />
          <ThemeButton />
          <button
            type="button"
            onClick={() => setPaletteOpen(true)}
            aria-keyshortcuts="Control+K Meta+K"
            className="flex min-h-9 items-center gap-2 rounded-md border border-edge/60 bg-panel px-3 text-sm text-quiet hover:border-ink hover:text-ink"
          >
            Commands <kbd className="hidden font-mono text-2xs sm:inline">Ctrl K</kbd>
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <NoticeList />
      {isPaletteOpen && <Palette onClose={() => setPaletteOpen(false)} />}
    </div>
  );
}

/** The address after `#` is the page's own: it must stay what it is. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function NavLink({ to, isCurrent, children }: { readonly to: Route; readonly isCurrent: boolean; readonly children: ReactNode }) {
  return (
    <Link
      to={to}
      isCurrent={isCurrent}
      className={`py-1 text-sm underline-offset-8 sm:text-[0.9375rem] ${isCurrent ? "font-medium text-ink underline decoration-accent decoration-2" : "text-quiet hover:text-ink hover:underline"}`}
    >
      {children}
    </Link>
  );
}
