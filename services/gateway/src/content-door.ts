// The door for content that nobody vouches for: a listener of its own, on another host name and port than the console, that knows no token, sets
// no cookie and answers nothing but one-time addresses. It does not decide what may be shown, nor under which policy: `answer` does.

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { KosError, randomBytes, sha256 } from "@kos/klp";
import { DOOR_LIMITS } from "./door-limits.ts";
import type { ByteAnswer } from "./handler.ts";
import { listen } from "./http-servers.ts";
import { problemOf } from "./problem.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { systemAfter } from "./system-machine.ts";

export interface ContentDoorOptions {
  /** A loopback address or name that is not the console's. */
  readonly host: string;
  /** 0 takes a free one; so does a port that is in use, since nobody has to remember it. */
  readonly port: number;
  readonly now: () => number;
  readonly newTraceId: () => string;
  readonly after?: (ms: number, run: () => void) => () => void;
  readonly onInternalError?: (error: unknown, traceId: string) => void;
}

export interface ContentDoor {
  /** `http://127.0.0.1:3001`. */
  readonly origin: string;
  /** An address that gives what `open` answers, once, within the next minute; who has it needs nothing else. */
  offer(open: (signal: AbortSignal) => Promise<ByteAnswer>): { readonly url: string; readonly expiresAtMs: number };
  close(): Promise<void>;
}

const TICKET_MS = 60_000;
const MAX_TICKETS = 256;
const TICKET_BYTES = 32;
const PATH = /^\/preview\/([A-Za-z0-9_-]{43})$/;
/** How a page shows something; a browser that says something else wants it for its own script or style. */
const SHOWN_AS: readonly unknown[] = [undefined, "document", "iframe"];

interface Offer {
  readonly expiresAtMs: number;
  readonly open: (signal: AbortSignal) => Promise<ByteAnswer>;
}

/** Errors: FORBIDDEN for a host that other machines reach, BAD_REQUEST for one this machine does not have. */
export async function openContentDoor(options: ContentDoorOptions): Promise<ContentDoor> {
  const offers = new Map<string, Offer>();
  const servers = await listenSomewhere(options, (request, response) => void serve(request, response));
  const { port } = servers;
  const host = `${options.host}:${port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { open } = take(request);
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const { status, headers, body } = await open(gone.signal);
      response.writeHead(status, { ...SECURITY_HEADERS, ...headers, "cache-control": "no-store" });
      if (typeof body === "string" || body instanceof Uint8Array) response.end(body);
      else await pipeline(body, response);
    } catch (error) {
      refuse(response, error);
    }
  }

  /** The offer of the request, which is gone with it. */
  function take(request: IncomingMessage): Offer {
    if (request.headers.host?.toLowerCase() !== host.toLowerCase()) throw new KosError("FORBIDDEN", "This door has another name.");
    const ticket = request.method === "GET" ? PATH.exec(request.url ?? "")?.[1] : undefined;
    if (ticket === undefined || !SHOWN_AS.includes(request.headers["sec-fetch-dest"]))
      throw new KosError("NOT_FOUND", "There is nothing at this address.");
    const key = keyOf(ticket);
    const offer = offers.get(key);
    offers.delete(key);
    if (offer === undefined || options.now() >= offer.expiresAtMs)
      throw new KosError("EXPIRED", "This preview was shown before or is too old. Open it again in the console.");
    return offer;
  }

  function refuse(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy(); // A part is never taken for the whole.
      return;
    }
    const traceId = options.newTraceId();
    const { status, body } = problemOf(error, traceId);
    if (body.code === "INTERNAL") options.onInternalError?.(error, traceId);
    // For people: it is shown where the content would be.
    response.writeHead(status, { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8" }).end(`${body.message}\n`);
  }

  return {
    origin: `http://${host}`,
    offer(open) {
      const ticket = Buffer.from(randomBytes(TICKET_BYTES)).toString("base64url");
      const expiresAtMs = options.now() + TICKET_MS;
      offers.set(keyOf(ticket), { expiresAtMs, open });
      const [oldest] = offers.keys();
      if (offers.size > MAX_TICKETS && oldest !== undefined) offers.delete(oldest);
      return { url: `http://${host}/preview/${ticket}`, expiresAtMs };
    },
    close: () => servers.close(),
  };
}

function listenSomewhere(options: ContentDoorOptions, onRequest: (request: IncomingMessage, response: ServerResponse) => void) {
  const attempt = (port: number) =>
    listen({
      host: options.host,
      port,
      remote: undefined,
      limits: DOOR_LIMITS,
      after: options.after ?? systemAfter,
      newTraceId: options.newTraceId,
      onRequest,
      onUpgrade: (_request, socket) => void socket.destroy(),
    });
  return attempt(options.port).catch((error: unknown) => {
    if (error instanceof KosError && error.code === "CONFLICT") return attempt(0);
    throw error;
  });
}

/** Looked up by hash, so that the time of a look-up says nothing about the ticket. */
function keyOf(ticket: string): string {
  return Buffer.from(sha256(ticket)).toString("base64url");
}
