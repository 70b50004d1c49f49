// A subscription to `/ws` that survives reconnects: it resumes from the last cursor, so no durable frame is missed or given twice.

import { fromWireError, KosError } from "@kos/klp";
import { type ClientFrame, type ServerFrame, TRANSIENT_FRAME_TYPES } from "./frame.ts";

export interface FrameStreamOptions {
  /** `ws://localhost:3000/ws`. */
  readonly url: string;
  readonly token: string;
  readonly topics: readonly string[];
  /** Cursor of the last frame already seen. */
  readonly since?: string;
  readonly createSocket: (url: string, protocol: string) => WebSocket;
  /** Resolves after the pause; rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Told when the topics are subscribed to, also again after a loss. */
  readonly onConnect?: () => void;
  /** Told when the connection is lost and will be tried again. */
  readonly onDisconnect?: (attempt: number) => void;
}

const SUBPROTOCOL = "kos.1";
const RECONNECT_MS = [100, 250, 500, 1000, 2000, 5000] as const;
const GIVE_UP_AFTER = 20;
/** So many frames wait for a slow consumer; then the connection is closed and resumed once they have been taken. */
const MAX_WAITING = 10_000;
/** Of the `WebSocket` standard. */
const CONNECTING = 0;
const AUTH_ID = "auth";
const SUBSCRIBE_ID = "subscribe";

/**
 * Yields frames until the signal aborts or the caller stops; what it sent itself (AUTH, SUBSCRIBE) and the answers to that are not among them.
 * Durable frames come without gap or repeat across reconnects; transient ones may be missed.
 * Errors: UNAUTHORIZED (wrong token), UNAVAILABLE (the node stays away), and what refuses the topics: NOT_FOUND, INSUFFICIENT_SCOPE.
 */
export async function* frameStream(options: FrameStreamOptions): AsyncGenerator<ServerFrame, void, undefined> {
  let since = options.since;
  let failures = 0;
  while (!options.signal.aborted) {
    const connection = connect(options, since);
    try {
      for await (const frame of connection.frames) {
        failures = 0;
        if (frame.cursor !== undefined && !TRANSIENT_FRAME_TYPES.includes(frame.type)) since = frame.cursor;
        yield frame;
      }
    } finally {
      connection.close();
    }
    if (options.signal.aborted) return;
    if (connection.refusal !== undefined) throw connection.refusal;
    failures += 1;
    if (failures > GIVE_UP_AFTER) throw new KosError("UNAVAILABLE", "The node does not answer any more. Check it with `kai doctor`.");
    options.onDisconnect?.(failures);
    await options.pause(RECONNECT_MS[Math.min(failures, RECONNECT_MS.length) - 1] ?? 5000, options.signal).catch(() => undefined);
  }
}

interface Connection {
  readonly frames: AsyncIterable<ServerFrame>;
  /** Why the node closed the connection for good; undefined where trying again makes sense. */
  readonly refusal: KosError | undefined;
  close(): void;
}

/** Close codes of the gateway that no reconnect can mend: 4401 unauthorized, 4403 forbidden. */
const FINAL_CLOSE_CODES: Readonly<Record<number, "UNAUTHORIZED" | "FORBIDDEN">> = { 4401: "UNAUTHORIZED", 4403: "FORBIDDEN" };

function connect(options: FrameStreamOptions, since: string | undefined): Connection {
  const socket = options.createSocket(options.url, SUBPROTOCOL);
  const waiting: ServerFrame[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  let refusal: KosError | undefined;
  const end = () => {
    closed = true;
    wake?.();
  };
  /** What may pass is tried again on a new connection. */
  const refuse = (error: KosError) => {
    if (!error.retryable) refusal = error;
    end();
  };
  const send = (frame: ClientFrame) => socket.send(JSON.stringify(frame));
  /** One that is not open yet is closed when it is: closed before, it would be a failure to whoever watches the network. */
  const leave = () => {
    end();
    if (socket.readyState !== CONNECTING) socket.close();
  };
  options.signal.addEventListener("abort", leave, { once: true });
  socket.addEventListener("open", () => {
    if (closed) return socket.close();
    send({ type: "AUTH", id: AUTH_ID, token: options.token });
    send({ type: "SUBSCRIBE", id: SUBSCRIBE_ID, topics: [...options.topics], ...(since !== undefined && { since }) });
  });
  socket.addEventListener("message", (event) => {
    const frame = readFrame(event.data);
    if (frame === undefined) return socket.close();
    switch (frame.correlation_id) {
      case AUTH_ID:
        return; // Signed in: nothing the caller asked for.
      case SUBSCRIBE_ID:
        if (frame.type === "AGENT_ERROR") refuse(fromWireError(frame.payload.data));
        else options.onConnect?.();
        return;
      default:
        waiting.push(frame);
        if (waiting.length >= MAX_WAITING) socket.close();
        wake?.();
    }
  });
  socket.addEventListener("close", (event) => {
    const code = FINAL_CLOSE_CODES[event.code];
    if (code !== undefined) refusal = new KosError(code, "The node refused the token of this connection. Sign in again.");
    end();
  });
  socket.addEventListener("error", end);

  async function* frames(): AsyncGenerator<ServerFrame, void, undefined> {
    while (true) {
      const frame = waiting.shift();
      if (frame !== undefined) yield frame;
      else if (closed) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    frames: frames(),
    get refusal() {
      return refusal;
    },
    close() {
      options.signal.removeEventListener("abort", leave);
      leave();
    },
  };
}

/** Undefined for what is not a frame: a broken connection, or not our node. */
function readFrame(data: unknown): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null && "type" in frame && "payload" in frame ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined; // The same.
  }
}
