// Puts the console together and shows it. The ticket of a login link is taken out of the address before anything else happens.

import "./index.css";
import { createClient } from "@kos/api";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { type Console, ConsoleContext } from "./app/console.ts";
import { FaultBoundary } from "./app/fault-boundary.tsx";
import { createCommandBook } from "./commands/command.ts";
import { browserMachine } from "./live/machine.ts";
import { createRouter } from "./routing/router.ts";
import { createSessionKeeper, ticketIn } from "./session/session.ts";
import { createThemeSwitch } from "./theme/theme.ts";
import { createNotices } from "./ui/notices.ts";
import { sayError } from "./ui/say-error.ts";

const machine = browserMachine(location.origin);
const sessions = createSessionKeeper({
  storage: sessionStorage,
  connect: (token) => createClient({ baseUrl: machine.baseUrl, fetch: machine.fetch, ...(token !== undefined && { token }) }),
});

/** Also when a link is opened in a tab that shows the console already. */
function takeTicket(): void {
  const ticket = location.hash.startsWith("#ticket=") ? ticketIn(location.hash) : undefined;
  if (ticket === undefined) return;
  history.replaceState(null, "", "#/");
  dispatchEvent(new PopStateEvent("popstate"));
  void sessions.signIn(ticket);
}

takeTicket();
addEventListener("hashchange", takeTicket);
const notices = createNotices((ms, run) => void setTimeout(run, ms));
const parts: Console = {
  machine,
  sessions,
  router: createRouter(window),
  theme: createThemeSwitch(document.documentElement, localStorage),
  notices,
  commands: createCommandBook((error) => notices.problem(sayError(error))),
};

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place for the console");
createRoot(root).render(
  <StrictMode>
    <FaultBoundary>
      <ConsoleContext value={parts}>
        <App />
      </ConsoleContext>
    </FaultBoundary>
  </StrictMode>,
);
