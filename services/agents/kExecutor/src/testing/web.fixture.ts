// A small web for tests: hosts and pages from tables behind one loopback server, a clock that jumps to the next timer, and who asked for what.

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createGuardedFetch, type EgressInput, resolveEgressConfig } from "@kos/egress";
import { type FakeNetwork, fakeNetwork, PUBLIC_ADDRESS } from "@kos/egress/network.fixture";
import { httpServer } from "@kos/egress/server.fixture";
import { createHostGate, type GateClock } from "../web/fetch/host-gate.ts";
import { createWebAccess, type WebAccess } from "../web/fetch/web-access.ts";

/** HTML, or everything: status, headers, body; or a function that answers on the raw response. */
export type TestPage =
  | string
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array }
  | ((response: ServerResponse, url: string) => void);

export interface TestWeb extends AsyncDisposable {
  readonly access: WebAccess;
  readonly network: FakeNetwork;
  /** `GET http://host/path`, in the order of their arrival. */
  readonly asked: readonly string[];
  /** Milliseconds that timers of the gate have let pass. */
  readonly passedMs: () => number;
  readonly now: () => number;
}

export interface TestWebOptions {
  readonly egress?: EgressInput;
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Answers for addresses that no table has; default 404. */
  readonly otherwise?: (address: string) => TestPage | undefined;
}

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Keys are `http://host/path`; a path alone is of `http://site.example`. */
export async function testWeb(pages: Readonly<Record<string, TestPage>>, options: TestWebOptions = {}): Promise<TestWeb> {
  const table = new Map(Object.entries(pages).map(([key, page]) => [key.startsWith("/") ? `http://site.example${key}` : key, page]));
  const asked: string[] = [];
  const server = await httpServer((request, response) => {
    const address = `http://${request.headers.host ?? ""}${request.url}`;
    asked.push(`${request.method} ${address}`);
    answer(table.get(address) ?? options.otherwise?.(address) ?? { status: 404, body: "not here" }, response, address);
  });
  const hosts = [...table.keys()].map((key) => new URL(key).hostname);
  const names = { ...Object.fromEntries(["site.example", ...hosts].map((host) => [host, [PUBLIC_ADDRESS]])), ...options.names };
  const network = fakeNetwork({ names, routes: { "*": server.port } });
  const config = resolveEgressConfig(options.egress);
  const clock = jumpingClock(START_MS);
  return {
    access: createWebAccess(config, createGuardedFetch(config, network), createHostGate(clock)),
    network,
    asked,
    passedMs: () => clock.now() - START_MS,
    now: clock.now,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A clock that stands still until a timer is set, and then jumps to its time. */
export function jumpingClock(startMs: number): GateClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = setImmediate(() => {
        nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
}

function answer(page: TestPage, response: ServerResponse, address: string): void {
  if (typeof page === "function") return page(response, address);
  if (typeof page === "string") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  response.writeHead(page.status ?? 200, page.headers).end(page.body);
}

export function redirectTo(location: string, status = 302): TestPage {
  return { status, headers: { location } };
}

/** The socket under a response, for answers that are no HTTP. */
export function rawly(write: (socket: Socket) => void): TestPage {
  return (response) => {
    if (response.socket !== null) write(response.socket);
  };
}
