// The WebSocket relay `/ws`: first-frame AUTH, subscriptions that resume from a cursor, and commands that go to the REST handlers.

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ClientFrame, ClientFrameSchema, type RouteName, ROUTES, type ServerFrame, TRANSIENT_FRAME_TYPES } from "@kos/api";
import { canonicalJson, hashText, KosError, toWireError } from "@kos/klp";
import { Compile } from "typebox/schema";
import { type WebSocket, WebSocketServer } from "ws";
import type { GatewayOptions } from "./gateway.ts";
import type { Caller, HandlerRequest } from "./handler.ts";
import { createMessageLimit } from "./message-limit.ts";
import type { OriginGuard } from "./origin-guard.ts";

const SUBPROTOCOL = "kos.1";
const MAX_FRAME_BYTES = 64 * 1024;
const AUTH_WITHIN_MS = 5_000;
const PING_EVERY_MS = 30_000;
/** A client that lets this much pile up gets no transient frames; at the second bound it is closed and resumes from its cursor. */
const SLOW_BYTES = 1024 * 1024;
const TOO_SLOW_BYTES = 16 * 1024 * 1024;

const CLOSE = { unauthorized: 4401, forbidden: 4403, rate: 4429, tooSlow: 1013, invalid: 1008, goingAway: 1001 } as const;

const clientFrame = Compile(ClientFrameSchema);

export interface Relay {
  close(): void;
}

export function attachWebSocket(server: Server, guard: OriginGuard, options: GatewayOptions): Relay {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    clientTracking: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refuseUpgrade(request, guard);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, options));
  });
  const ping = setInterval(() => {
    for (const client of sockets.clients) {
      const watched = client as WebSocket & { missed?: number };
      watched.missed = (watched.missed ?? 0) + 1;
      if (watched.missed > 2) client.terminate();
      else client.ping();
    }
  }, PING_EVERY_MS);
  ping.unref();
  return {
    close() {
      clearInterval(ping);
      for (const client of sockets.clients) client.close(CLOSE.goingAway, "the node is ending");
      sockets.close();
    },
  };
}

function refuseUpgrade(request: IncomingMessage, guard: OriginGuard): string | undefined {
  const path = (request.url ?? "").split("?");
  if (path[0] !== "/ws") return "404 Not Found";
  if (path.length > 1) return "400 Bad Request"; // Never a token in the URL.
  try {
    guard.check({ host: request.headers.host, origin: request.headers.origin, fetchSite: undefined });
    return undefined;
  } catch {
    return "403 Forbidden";
  }
}

function serve(socket: WebSocket, options: GatewayOptions): void {
  let caller: Caller | undefined;
  const subscriptions = new Map<string, () => void>();
  const limit = createMessageLimit(options.now);
  const authDeadline = setTimeout(() => socket.close(CLOSE.unauthorized, "send AUTH first"), AUTH_WITHIN_MS);

  function send(frame: ServerFrame): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > TOO_SLOW_BYTES) socket.close(CLOSE.tooSlow, "too slow; resume from the last cursor");
    else if (socket.bufferedAmount <= SLOW_BYTES || !TRANSIENT_FRAME_TYPES.includes(frame.type)) socket.send(JSON.stringify(frame));
  }

  function answer(type: ServerFrame["type"], status: string, data: unknown, id: string | undefined): void {
    const timestamp = new Date(options.now()).toISOString();
    send({
      type,
      agent: "kCore:main",
      task_id: null,
      payload: { status, data },
      timestamp,
      ...(id !== undefined && { correlation_id: id }),
    });
  }

  function subscribe(frame: Extract<ClientFrame, { type: "SUBSCRIBE" }>, to: Caller): void {
    if (!to.scopes.has("read:plan")) throw new KosError("INSUFFICIENT_SCOPE", "This token has no right to read:plan.");
    for (const topic of frame.topics) {
      subscriptions.get(topic)?.();
      const stop = options.frames.subscribe({
        tenant: to.tenant,
        topics: [topic],
        since: frame.since,
        deliver: send,
        fail: (error) => answer("AGENT_ERROR", "error", toWireError(error), frame.id),
      });
      subscriptions.set(topic, stop);
    }
    answer("SYSTEM_STATUS", "subscribed", { topics: frame.topics }, frame.id);
  }

  async function call<Name extends RouteName>(
    name: Name,
    from: Caller,
    id: string | undefined,
    parts: Partial<HandlerRequest<Name>>,
  ): Promise<void> {
    const { scope } = ROUTES[name];
    if (!from.scopes.has(scope)) throw new KosError("INSUFFICIENT_SCOPE", `This token has no right to ${scope}.`);
    const request = {
      params: {},
      query: undefined,
      body: undefined,
      caller: from,
      idempotencyKey: undefined,
      grant: undefined,
      traceId: options.newTraceId(),
      signal: new AbortController().signal,
      upload: undefined,
      mediaType: undefined,
      range: undefined,
      ...parts,
      bodyHash: hashText(canonicalJson(parts.body ?? null)),
    };
    const handler = options.handlers[name] as (request: unknown) => Promise<unknown>;
    answer("SYSTEM_STATUS", "accepted", await handler(request), id);
  }

  async function take(frame: ClientFrame, from: Caller): Promise<void> {
    switch (frame.type) {
      case "AUTH":
        throw new KosError("BAD_REQUEST", "This connection is signed in already.");
      case "SUBSCRIBE":
        return subscribe(frame, from);
      case "UNSUBSCRIBE":
        for (const topic of frame.topics) {
          subscriptions.get(topic)?.();
          subscriptions.delete(topic);
        }
        return answer("SYSTEM_STATUS", "unsubscribed", { topics: frame.topics }, frame.id);
      case "TASK_REQUEST":
        return call("submit", from, frame.id, {
          body: frame.request,
          ...(frame.idempotency_key !== undefined && { idempotencyKey: frame.idempotency_key }),
        });
      case "CANCEL":
        return call("cancelPlan", from, frame.id, {
          params: { plan_id: frame.plan_id },
          body: frame.reason === undefined ? {} : { reason: frame.reason },
        });
      case "APPROVE": {
        const { decision, digest, reason } = frame;
        return call("decide", from, frame.id, {
          params: { approval_id: frame.approval_id },
          body: { decision, digest, ...(reason !== undefined && { reason }) },
        });
      }
      case "ANSWER":
        return call("answer", from, frame.id, { params: { input_id: frame.input_id }, body: { answer: frame.answer } });
      case "HEARTBEAT":
        return answer("HEARTBEAT", "ok", {}, frame.id);
    }
  }

  socket.on("pong", () => {
    (socket as WebSocket & { missed?: number }).missed = 0;
  });
  socket.on("message", (bytes, isBinary) => {
    if (!limit.take()) {
      answer("AGENT_ERROR", "error", toWireError(new KosError("RATE_LIMITED", "Too many messages. Send at most 10 a second.")), undefined);
      socket.close(CLOSE.rate, "too many messages");
      return;
    }
    const frame = isBinary ? undefined : readFrame(bytes.toString());
    if (frame === undefined) {
      answer("AGENT_ERROR", "error", toWireError(new KosError("BAD_REQUEST", "Not a frame of this protocol.")), undefined);
      if (!caller) socket.close(CLOSE.unauthorized, "send AUTH first");
      return;
    }
    if (!caller) {
      caller = frame.type === "AUTH" ? options.tokens.verify(frame.token) : undefined;
      if (!caller) return socket.close(CLOSE.unauthorized, "the token is not valid");
      clearTimeout(authDeadline);
      return answer("SYSTEM_STATUS", "authenticated", { subject: caller.subject }, frame.id);
    }
    take(frame, caller).catch((error: unknown) => answer("AGENT_ERROR", "error", toWireError(error), frame.id));
  });
  socket.on("error", () => socket.terminate()); // A frame over the limit, bad UTF-8: `ws` has sent the close code.
  socket.once("close", () => {
    clearTimeout(authDeadline);
    for (const stop of subscriptions.values()) stop();
    subscriptions.clear();
  });
}

function readFrame(text: string): ClientFrame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return clientFrame.Check(value) ? (value as ClientFrame) : undefined;
  } catch {
    return undefined;
  }
}
