// Who is signed in: the session token of this tab. It lies in the tab's own storage, so that a reload keeps it; that storage belongs to the
// console's origin alone, which no preview has. It never becomes part of an address.

import type { Client } from "@kos/api";
import { isKosError } from "@kos/klp";
import { createStore, type Store } from "../data/store.ts";

interface Session {
  readonly token: string | undefined;
  /** Why nobody is signed in any more, or why a link did not work. */
  readonly notice?: string;
}

export interface SessionKeeper {
  readonly session: Store<Session>;
  /** Exchanges the ticket of a login link. A wrong one leaves a notice. */
  signIn(ticket: string): Promise<void>;
  /** Ends the session on the node, too. */
  signOut(): Promise<void>;
  /** The node does not know the token any more. */
  expire(): void;
}

export interface SessionOptions {
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** A client with that token, or with none. */
  readonly connect: (token: string | undefined) => Pick<Client, "call">;
}

/** The plain page hands its session over under the same name. */
const KEY = "kos.session";

export function createSessionKeeper({ storage, connect }: SessionOptions): SessionKeeper {
  const session = createStore<Session>({ token: storage.getItem(KEY) ?? undefined });

  function leave(notice?: string): void {
    storage.removeItem(KEY);
    session.set({ token: undefined, ...(notice !== undefined && { notice }) });
  }

  return {
    session,
    async signIn(ticket) {
      try {
        const { token } = await connect(undefined).call("exchangeTicket", { body: { ticket } });
        storage.setItem(KEY, token);
        session.set({ token });
      } catch (error) {
        leave(isKosError(error) ? error.message : "This login link could not be read.");
      }
    },
    async signOut() {
      const { token } = session.get();
      leave("You are signed out.");
      // The node may be gone, and its sessions with it.
      if (token !== undefined)
        await connect(token)
          .call("endSession", { body: { token } })
          .catch(() => undefined);
    },
    expire: () => leave("The session has ended: the node was started again, or twelve hours have passed."),
  };
}

/** The ticket in an address or in what a person pasted: a whole link, or the ticket alone. */
export function ticketIn(text: string): string | undefined {
  const found = /(?:^|[#&])ticket=([A-Za-z0-9_-]{16,200})$/.exec(text.trim()) ?? /^([A-Za-z0-9_-]{16,200})$/.exec(text.trim());
  return found?.[1];
}
