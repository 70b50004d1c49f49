// Everything a component may reach beyond its props, made once by main.tsx.

import type { Client } from "@kos/api";
import { createContext, useContext } from "react";
import type { CommandBook } from "../commands/command.ts";
import type { Machine } from "../live/machine.ts";
import type { NodeFeed } from "../live/node-feed.ts";
import type { Router } from "../routing/router.ts";
import type { SessionKeeper } from "../session/session.ts";
import type { ThemeSwitch } from "../theme/theme.ts";
import type { Notices } from "../ui/notices.ts";

export interface Console {
  readonly machine: Machine;
  readonly sessions: SessionKeeper;
  readonly router: Router;
  readonly theme: ThemeSwitch;
  readonly commands: CommandBook;
  readonly notices: Notices;
}

/** What there is only while somebody is signed in. */
export interface SignedIn {
  readonly client: Client;
  readonly token: string;
  readonly feed: NodeFeed;
}

export const ConsoleContext = createContext<Console | undefined>(undefined);
export const SignedInContext = createContext<SignedIn | undefined>(undefined);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === undefined) throw new Error("useConsole outside of the console");
  return found;
}

export function useSignedIn(): SignedIn {
  const found = useContext(SignedInContext);
  if (found === undefined) throw new Error("useSignedIn where nobody is signed in");
  return found;
}
