// A real gateway on a free port with handlers, frames, tokens and time made for tests, and raw ways to talk to it.

import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { ROUTES, type Route, type RouteName, type Scope, type ServerFrame } from "@kos/api";
import { WebSocket } from "ws";
import type { FrameSource, FrameSubscription } from "./frame-source.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { Handlers } from "./handler.ts";
import { createTokenVerifier, type TokenVerifier } from "./token-verifier.ts";

export const OWNER = "kos_owner_token_for_tests";

interface Call {
  readonly name: RouteName;
  readonly request: Readonly<Record<string, unknown>>;
}

/** Time that moves only when told to. */
export interface TestTime {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  advance(ms: number): void;
}

export function testTime(): TestTime {
  let at = Date.UTC(2026, 0, 1);
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    now: () => at,
    after(ms, run) {
      const timer = { at: at + ms, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    advance(ms) {
      const until = at + ms;
      for (;;) {
        const [next] = [...waiting].filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at);
        if (!next) break;
        waiting.delete(next);
        at = next.at;
        next.run();
      }
      at = until;
    },
  };
}

/** Every route answered with a small object, or what `overrides` says; every call written down. */
function fakeHandlers(calls: Call[], overrides: Partial<Handlers> = {}): Handlers {
  return Object.fromEntries(
    // An override that is null leaves its route without a handler.
    (Object.entries(ROUTES) as [RouteName, Route][])
      .filter(([name]) => overrides[name] !== null)
      .map(([name, route]) => [
        name,
        async (request: never) => {
          calls.push({ name, request });
          const override = overrides[name] as ((request: never) => Promise<unknown>) | undefined;
          if (override) return override(request);
          return route.produces === undefined ? { name } : { status: 200, headers: {}, body: name };
        },
      ]),
  ) as unknown as Handlers;
}

/** Verifies the owner and whoever else is named here, by token. */
export function scopedTokens(now: () => number, callers: Readonly<Record<string, readonly Scope[]>> = {}): TokenVerifier {
  const owner = createTokenVerifier({ ownerToken: OWNER, tenant: "local", now });
  return {
    ...owner,
    verify(token) {
      const scopes = Object.hasOwn(callers, token) ? callers[token] : undefined;
      return scopes ? { subject: `agent:${token}`, tenant: "local", scopes: new Set(scopes) } : owner.verify(token);
    },
  };
}

export const LOW_ROLE = "token_with_no_right";

/** Subscriptions are kept; a test delivers by hand. */
function fakeFrames(): FrameSource & { readonly open: Set<FrameSubscription>; deliver(frame: ServerFrame): void } {
  const open = new Set<FrameSubscription>();
  return {
    open,
    subscribe(subscription) {
      open.add(subscription);
      return () => void open.delete(subscription);
    },
    deliver(frame) {
      for (const subscription of open) subscription.deliver(frame);
    },
  };
}

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly url: string;
  readonly port: number;
  readonly calls: Call[];
  readonly time: TestTime;
  readonly tokens: TokenVerifier;
  readonly frames: ReturnType<typeof fakeFrames>;
  readonly internalErrors: unknown[];
  readonly samples: { readonly route: string; readonly status: number }[];
  fetch(path: string, init?: RequestInit & { readonly token?: string | null }): Promise<Response>;
}

export type TestOptions = Partial<Omit<GatewayOptions, "handlers">> & { readonly handlers?: Partial<Handlers> };

export async function openGateway(options: TestOptions = {}): Promise<TestGateway> {
  const { handlers, ...rest } = options;
  const calls: Call[] = [];
  const time = testTime();
  const frames = fakeFrames();
  const internalErrors: unknown[] = [];
  const samples: { route: string; status: number }[] = [];
  const tokens = options.tokens ?? scopedTokens(time.now, { [LOW_ROLE]: ["open"] });
  let traces = 0;
  const gateway = await startGateway({
    handlers: fakeHandlers(calls, handlers),
    frames,
    tokens,
    host: "localhost",
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    limits: { bodyBytes: 1024 * 1024, planBytes: 8 * 1024 * 1024, uploadBytes: 4 * 1024 * 1024 },
    now: time.now,
    after: time.after,
    newTraceId: () => (traces += 1).toString(16).padStart(32, "0"),
    observe: (sample) => samples.push(sample),
    onInternalError: (error) => internalErrors.push(error),
    ...rest,
  });
  const { url } = gateway;
  return {
    gateway,
    url,
    port: Number(new URL(url).port),
    calls,
    time,
    tokens,
    frames,
    internalErrors,
    samples,
    fetch(path, { token = OWNER, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      return fetch(url + path, { ...init, headers });
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request with exactly these headers: `fetch` does not let Host, Origin and Sec-Fetch be set. */
export async function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
    );
    response.on("error", reject);
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

/** A bare connection; `text` resolves with all that came once the other side has ended it. */
export async function rawSocket(port: number): Promise<{ readonly socket: Socket; readonly text: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(text));
  await once(socket, "connect");
  return { socket, text: promise };
}

/** Headers and start line of a WebSocket upgrade, to see the answer before 101. */
export function upgrade(port: number, headers: Readonly<Record<string, string>> = {}, path = "/ws"): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const request = httpRequest({
    host: "127.0.0.1",
    port,
    path,
    agent: false,
    headers: {
      host: `localhost:${port}`,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
  });
  request.on("upgrade", (response, socket) => {
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, headers: response.headers, text: "" });
  });
  request.on("response", (response) => {
    let text = "";
    response.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
  });
  request.on("error", reject);
  request.end();
  return promise;
}

export interface TestClient {
  readonly socket: WebSocket;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  send(frame: unknown): void;
  /** The next frame that has not been taken yet. */
  next(): Promise<ServerFrame>;
}

export async function openClient(port: number, token: string | null = OWNER): Promise<TestClient> {
  const socket = new WebSocket(`ws://localhost:${port}/ws`, "kos.1");
  const waiting: ServerFrame[] = [];
  const takers: ((frame: ServerFrame) => void)[] = [];
  const closed = Promise.withResolvers<number>();
  socket.on("message", (data) => {
    const frame = JSON.parse((data as Buffer).toString()) as ServerFrame;
    const taker = takers.shift();
    if (taker) taker(frame);
    else waiting.push(frame);
  });
  socket.on("error", () => undefined);
  socket.on("close", (code) => closed.resolve(code));
  await once(socket, "open");
  const client: TestClient = {
    socket,
    closed: closed.promise,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    next() {
      const frame = waiting.shift();
      if (frame) return Promise.resolve(frame);
      const { promise, resolve } = Promise.withResolvers<ServerFrame>();
      takers.push(resolve);
      return promise;
    },
  };
  if (token !== null) {
    client.send({ type: "AUTH", token });
    const frame = await client.next();
    if (frame.payload.status !== "authenticated") throw new Error(`not signed in: ${JSON.stringify(frame)}`);
  }
  return client;
}

export function problem(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}
