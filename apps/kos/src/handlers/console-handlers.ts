// Routes about the web console.

import type { Handlers } from "@kos/gateway";
import type { ConsoleBuilder } from "../console/console-builder.ts";

export function consoleHandlers(builder: ConsoleBuilder): Pick<Handlers, "consoleStatus" | "buildConsole"> {
  return {
    consoleStatus: async () => builder.status(),
    buildConsole: async () => builder.start(),
  };
}
