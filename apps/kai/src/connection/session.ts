// A way to talk to one node: the typed client and the stream of frames, both under the owner's token.

import type { AnswerOf, ROUTES } from "@kos/api";
import { type CallInput, type Client, createClient, frameStream, type RouteName, type ServerFrame } from "@kos/api";
import type { Machine } from "../terminal/machine.ts";

export interface NodeAddress {
  readonly url: string;
  readonly did: string;
  readonly pid: number;
}

interface FrameOptions {
  readonly topics: readonly string[];
  /** A cursor, or a plan_seq as text. */
  readonly since?: string;
  readonly signal: AbortSignal;
  readonly onDisconnect?: (attempt: number) => void;
}

export interface Session {
  readonly client: Client;
  readonly node: NodeAddress;
  /** This process started the node, for the time of its job. */
  readonly isOwnNode: boolean;
  frames(options: FrameOptions): AsyncGenerator<ServerFrame, void, undefined>;
}

export function createSession(machine: Machine, node: NodeAddress, token: string, isOwnNode: boolean): Session {
  return {
    client: createClient({ baseUrl: node.url, token, fetch: machine.fetch }),
    node,
    isOwnNode,
    frames: ({ topics, since, signal, onDisconnect }) =>
      frameStream({
        url: `${node.url.replace(/^http/, "ws")}/ws`,
        token,
        topics,
        signal,
        createSocket: machine.createSocket,
        pause: (ms, until) => machine.pause(ms, until),
        ...(since !== undefined && { since }),
        ...(onDisconnect && { onDisconnect }),
      }),
  };
}

/** Routes that page a list. */
type PagedRoute = {
  [Name in RouteName]: AnswerOf<(typeof ROUTES)[Name]> extends { items: unknown[]; next_cursor: string | null } ? Name : never;
}[RouteName];

type ItemOf<Name extends PagedRoute> = AnswerOf<(typeof ROUTES)[Name]> extends { items: (infer Item)[] } ? Item : never;

/** All items of a list, page by page, as long as the caller wants more. */
export async function* eachItem<Name extends PagedRoute>(
  client: Client,
  route: Name,
  input: { readonly params?: Readonly<Record<string, string>>; readonly query?: object },
): AsyncGenerator<ItemOf<Name>, void, undefined> {
  let cursor: string | undefined;
  do {
    const query = { limit: 200, ...input.query, ...(cursor !== undefined && { [route === "planEvents" ? "since" : "cursor"]: cursor }) };
    const page = (await client.call(route, { ...input, query } as unknown as CallInput<Name>)) as unknown as {
      items: ItemOf<Name>[];
      next_cursor: string | null;
    };
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
