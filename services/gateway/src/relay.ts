// The WebSocket door `/ws`: who may open a connection, how many there are, and that none stays without a live client and a valid token.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { KosError } from "@kos/klp";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { HttpRefusal, retryAfter } from "./http-refusal.ts";
import { endWithProblem } from "./raw-answer.ts";
import { CLOSE, openConnection, type RelayConnection, type RelayContext } from "./relay-connection.ts";
import type { DoorState } from "./rest-server.ts";

export interface RelayOptions extends Omit<RelayContext, "countIn" | "countOut"> {
  readonly state: DoorState;
}

export interface Relay {
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Tells every client that the node is ending; they resume elsewhere or later. */
  close(): void;
}

const SUBPROTOCOL = "kos.1";
/** A client that does not answer the closing is cut off after this; shorter than the drain of the node. */
const CLOSE_WITHIN_MS = 5000;

export function createRelay(options: RelayOptions): Relay {
  const { limits, after } = options;
  // The types of ws do not know `closeTimeout` yet.
  const settings: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    maxPayload: limits.maxFrameBytes,
    clientTracking: false,
    perMessageDeflate: false,
    closeTimeout: CLOSE_WITHIN_MS,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  };
  const sockets = new WebSocketServer(settings);
  const connections = new Map<WebSocket, RelayConnection>();
  const perCaller = new Map<string, number>();
  const context: RelayContext = {
    ...options,
    countIn(subject) {
      const open = perCaller.get(subject) ?? 0;
      if (open >= limits.maxSocketsPerCaller) return false;
      perCaller.set(subject, open + 1);
      return true;
    },
    countOut(subject) {
      const open = (perCaller.get(subject) ?? 1) - 1;
      if (open === 0) perCaller.delete(subject);
      else perCaller.set(subject, open);
    },
  };
  let stopPing: (() => void) | undefined;
  let stopRecheck: (() => void) | undefined;

  // The timers run only while somebody is connected.
  function ping(): void {
    for (const connection of connections.values()) connection.ping();
    stopPing = connections.size === 0 ? undefined : after(limits.pingEveryMs, ping);
  }
  function recheck(): void {
    for (const connection of connections.values()) connection.recheck();
    stopRecheck = connections.size === 0 ? undefined : after(limits.recheckEveryMs, recheck);
  }

  function refusal(request: IncomingMessage): unknown {
    const [path, ...query] = (request.url ?? "").split("?");
    const { state } = options;
    if (!state.guard || state.draining)
      return new HttpRefusal(new KosError("UNAVAILABLE", "The node takes no connections now."), { headers: retryAfter(1000) });
    try {
      state.guard.check({ host: request.headers.host, origin: request.headers.origin, fetchSite: undefined, isNavigation: false }, false);
    } catch (error) {
      return error;
    }
    if (path !== "/ws") return new KosError("NOT_FOUND", "WebSocket connections are opened at /ws.");
    if (query.length > 0)
      return new KosError("BAD_REQUEST", "/ws takes no query; a token never goes into an address. Send AUTH as the first frame.");
    const offered = request.headers["sec-websocket-protocol"];
    if (offered !== undefined && !offered.split(",").some((name) => name.trim() === SUBPROTOCOL)) {
      return new KosError("BAD_REQUEST", `This node speaks the WebSocket subprotocol ${SUBPROTOCOL}.`);
    }
    if (connections.size >= limits.maxSockets) {
      return new HttpRefusal(new KosError("UNAVAILABLE", "Too many connections are open."), { headers: retryAfter(5000) });
    }
    return undefined;
  }

  return {
    onUpgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const refused = refusal(request);
      if (refused !== undefined) {
        endWithProblem(socket, refused, options.newTraceId());
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        connections.set(webSocket, openConnection(webSocket, request.socket.remoteAddress ?? "", context));
        webSocket.once("close", () => connections.delete(webSocket));
        stopPing ??= after(limits.pingEveryMs, ping);
        stopRecheck ??= after(limits.recheckEveryMs, recheck);
      });
    },
    close() {
      stopPing?.();
      stopRecheck?.();
      for (const connection of connections.values()) connection.end(CLOSE.goingAway, "the node is ending");
      sockets.close();
    },
  };
}
