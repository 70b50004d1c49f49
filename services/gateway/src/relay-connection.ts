// One client of `/ws`: first-frame AUTH, then subscriptions and commands, each with its own right; bounded in what it sends and in what waits for it.

import { type ClientFrame, type Scope, type ServerFrame, TRANSIENT_FRAME_TYPES } from "@kos/api";
import { formatTimestamp, KosError, toWireError } from "@kos/klp";
import type { WebSocket } from "ws";
import { type Bearer, insufficientScope } from "./bearer.ts";
import { idOf, readClientFrame } from "./client-frame.ts";
import type { DoorLimits } from "./door-limits.ts";
import { runCommand } from "./frame-command.ts";
import { frameText } from "./frame-text.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { Caller } from "./handler.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** Close codes. 4401 and 4403: signing in again is needed; the others: come back, with the last cursor. */
export const CLOSE = { unauthorized: 4401, forbidden: 4403, rate: 4429, tooSlow: 1013, goingAway: 1001 } as const;

export interface RelayContext extends Pick<GatewayOptions, "handlers" | "frames" | "tokens" | "now" | "newTraceId" | "onInternalError"> {
  readonly limits: DoorLimits;
  readonly bearer: Bearer;
  readonly after: (ms: number, run: () => void) => () => void;
  /** False when the caller has too many connections already. */
  readonly countIn: (subject: string) => boolean;
  readonly countOut: (subject: string) => void;
}

export interface RelayConnection {
  ping(): void;
  /** Closes the connection when its token is no longer valid. */
  recheck(): void;
  end(code: number, reason: string): void;
}

/** What a topic shows, by the word before its colon. */
const SCOPE_OF_TOPIC: Readonly<Record<string, Scope>> = {
  plan: "read:plan",
  plans: "read:plan",
  agent: "read:agent",
  agents: "read:agent",
  system: "read:agent",
  alerts: "read:agent",
  log: "read:log",
};
const TEXT = { binary: false } as const;
const MAX_TOPICS = 1000;
const MAX_MISSED_PONGS = 2;

export function openConnection(socket: WebSocket, address: string, context: RelayContext): RelayConnection {
  const { limits, bearer, tokens, frames, now, after } = context;
  const subscriptions = new Map<string, () => void>();
  const bucket = createTokenBucket({ perSecond: limits.messagesPerSecond, burst: limits.messageBurst, now });
  const gone = new AbortController();
  let signedIn: { readonly caller: Caller; readonly token: string } | undefined;
  let ended = false;
  let missedPongs = 0;
  const stopWaiting = after(limits.authWithinMs, () => end(CLOSE.unauthorized, "send AUTH first"));

  function end(code: number, reason: string): void {
    if (ended) return;
    ended = true;
    release();
    socket.close(code, reason);
  }

  function release(): void {
    stopWaiting();
    gone.abort();
    for (const stop of subscriptions.values()) stop();
    subscriptions.clear();
  }

  function send(frame: ServerFrame): void {
    if (ended || socket.readyState !== socket.OPEN) return;
    const waiting = socket.bufferedAmount;
    if (waiting > limits.tooSlowBytes) end(CLOSE.tooSlow, "too slow: resume from the last cursor");
    else if (waiting <= limits.slowBytes || !TRANSIENT_FRAME_TYPES.includes(frame.type)) socket.send(frameText(frame), TEXT);
  }

  function answer(type: "SYSTEM_STATUS" | "AGENT_ERROR" | "HEARTBEAT", status: string, data: unknown, id: string | undefined): void {
    send({
      type,
      agent: "kCore:main",
      task_id: null,
      payload: { status, data },
      timestamp: formatTimestamp(now()),
      ...(id !== undefined && { correlation_id: id }),
    });
  }

  function refuse(thrown: unknown, id: string | undefined): void {
    const traceId = context.newTraceId();
    const wire = toWireError(thrown instanceof HttpRefusal ? thrown.error : thrown);
    if (wire.code === "INTERNAL") context.onInternalError?.(thrown, traceId);
    answer("AGENT_ERROR", "error", { ...wire, trace_id: wire.trace_id ?? traceId }, id);
  }

  function signIn(frame: ClientFrame): void {
    if (frame.type !== "AUTH") return end(CLOSE.unauthorized, "send AUTH first");
    let caller: Caller;
    try {
      caller = bearer.identify(frame.token, address);
    } catch (error) {
      const isRate = error instanceof HttpRefusal;
      return end(isRate ? CLOSE.rate : CLOSE.unauthorized, isRate ? "too many wrong tokens" : "the token is not valid");
    }
    const subject = `${caller.tenant} ${caller.subject}`;
    if (!context.countIn(subject)) return end(CLOSE.rate, "too many connections of this caller");
    socket.once("close", () => context.countOut(subject));
    stopWaiting();
    signedIn = { caller, token: frame.token };
    answer("SYSTEM_STATUS", "authenticated", { subject: caller.subject }, frame.id);
  }

  function subscribe({ topics, since, id }: Extract<ClientFrame, { type: "SUBSCRIBE" }>, { tenant, scopes }: Caller): void {
    for (const topic of topics) {
      const scope = SCOPE_OF_TOPIC[topic.split(":", 1)[0] ?? ""];
      if (scope === undefined || !scopes.has(scope)) throw insufficientScope(scope ?? "read:plan");
    }
    if (new Set([...subscriptions.keys(), ...topics]).size > MAX_TOPICS) {
      throw new KosError(
        "RESOURCE_LIMIT_EXCEEDED",
        `A connection follows at most ${MAX_TOPICS} topics. Unsubscribe from some, or follow \`plans\`.`,
      );
    }
    answer("SYSTEM_STATUS", "subscribed", { topics }, id);
    for (const topic of topics) {
      subscriptions.get(topic)?.();
      const fail = (error: unknown) => {
        subscriptions.delete(topic);
        refuse(error, id);
      };
      subscriptions.set(topic, frames.subscribe({ tenant, topics: [topic], since, deliver: send, fail }));
    }
  }

  async function take(frame: ClientFrame, caller: Caller): Promise<void> {
    switch (frame.type) {
      case "AUTH":
        throw new KosError("BAD_REQUEST", "This connection is signed in already. Open another for another token.");
      case "SUBSCRIBE":
        return subscribe(frame, caller);
      case "UNSUBSCRIBE":
        for (const topic of frame.topics) {
          subscriptions.get(topic)?.();
          subscriptions.delete(topic);
        }
        return answer("SYSTEM_STATUS", "unsubscribed", { topics: frame.topics }, frame.id);
      case "HEARTBEAT":
        return answer("HEARTBEAT", "ok", {}, frame.id);
      default: {
        const result = await runCommand(frame, { ...context, caller, traceId: context.newTraceId(), signal: gone.signal });
        return answer("SYSTEM_STATUS", "accepted", result, frame.id);
      }
    }
  }

  function recheck(): void {
    if (signedIn && !tokens.verify(signedIn.token)) end(CLOSE.unauthorized, "the token is no longer valid");
  }

  socket.on("message", (data, isBinary) => {
    if (ended) return;
    if (bucket.take() > 0) {
      refuse(new KosError("RATE_LIMITED", `Too many messages. Send at most ${limits.messagesPerSecond} a second.`), undefined);
      return end(CLOSE.rate, "too many messages");
    }
    const bytes = data as Buffer;
    let frame: ClientFrame;
    try {
      if (isBinary) throw new KosError("BAD_REQUEST", "Frames are text.");
      frame = readClientFrame(bytes);
    } catch (error) {
      refuse(error, idOf(bytes));
      if (!signedIn) end(CLOSE.unauthorized, "send AUTH first");
      return;
    }
    if (!signedIn) return signIn(frame);
    recheck();
    if (ended) return;
    take(frame, signedIn.caller).catch((error: unknown) => refuse(error, frame.id));
  });
  socket.on("pong", () => {
    missedPongs = 0;
  });
  // A frame over the limit, bad UTF-8: `ws` sends the close code itself and ends the connection.
  socket.on("error", () => {
    ended = true;
    release();
  });
  socket.once("close", () => {
    ended = true;
    release();
  });

  return {
    end,
    recheck,
    ping() {
      if (missedPongs >= MAX_MISSED_PONGS) return socket.terminate();
      missedPongs += 1;
      if (socket.readyState === socket.OPEN) socket.ping();
    },
  };
}
