// Commands that there are on every page.

import type { Command } from "../commands/command.ts";
import type { Route } from "../routing/route.ts";
import type { Console } from "./console.ts";

export function appCommands({ router, theme, sessions }: Console): readonly Command[] {
  const go = (id: string, label: string, altKey: string, route: Route): Command => ({
    id: `go.${id}`,
    label,
    group: "Go to",
    altKey,
    perform: () => router.go(route),
  });
  return [
    go("start", "Start", "Digit1", { page: "start" }),
    go("runs", "Runs", "Digit2", { page: "runs", status: "" }),
    go("schedules", "Schedules", "Digit3", { page: "schedules" }),
    go("agents", "Agents", "Digit4", { page: "agents" }),
    go("verify", "Verify a file", "Digit5", { page: "verify" }),
    { id: "app.theme", label: "Switch between light, dark and the system's", group: "Console", altKey: "KeyL", perform: theme.next },
    { id: "app.sign-out", label: "Sign out", group: "Console", perform: () => sessions.signOut() },
  ];
}
