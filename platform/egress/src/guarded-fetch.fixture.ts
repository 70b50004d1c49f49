// Requests through a guard whose every host is one loopback server.

import type { Socket } from "node:net";
import { type EgressInput, resolveEgressConfig } from "./egress-config.ts";
import { createGuardedFetch, type FetchRequest, type FetchResponse } from "./guarded-fetch.ts";
import { fakeNetwork, PUBLIC_ADDRESS } from "./network.fixture.ts";
import { type Answer, httpServer, rawServer, type SeenRequest } from "./server.fixture.ts";

export const NAMES = { "one.example": [PUBLIC_ADDRESS], "two.example": [PUBLIC_ADDRESS] };

export function get(url: string, more: Partial<FetchRequest> = {}): FetchRequest {
  return { url, method: "GET", signal: new AbortController().signal, ...more };
}

export function textOf(response: FetchResponse): string {
  return Buffer.from(response.bytes).toString();
}

/** Fetches from a server that answers every hop, whatever its host. */
export async function fetchFrom(
  answer: Answer,
  request: FetchRequest,
  input: EgressInput = {},
): Promise<{ response: FetchResponse; seen: SeenRequest[] }> {
  await using server = await httpServer(answer);
  const fetch = createGuardedFetch(resolveEgressConfig(input), fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
  return { response: await fetch(request), seen: server.seen };
}

export async function fetchRaw(answer: (socket: Socket) => void, request: FetchRequest, input: EgressInput = {}): Promise<FetchResponse> {
  await using server = await rawServer(answer);
  return await createGuardedFetch(resolveEgressConfig(input), fakeNetwork({ names: NAMES, routes: { "*": server.port } }))(request);
}
