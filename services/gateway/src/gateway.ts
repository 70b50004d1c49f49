// The door: REST and WebSocket on one loopback origin. It authenticates, authorises, validates and limits, then asks a handler.

import type { AddressInfo } from "node:net";
import { KosError } from "@kos/klp";
import fastify, { type FastifyInstance } from "fastify";
import type { FrameSource } from "./frame-source.ts";
import type { Handlers } from "./handler.ts";
import { createOriginGuard, type OriginGuard } from "./origin-guard.ts";
import { portHolder } from "./port-holder.ts";
import { PROBLEM_MEDIA_TYPE, problemOf } from "./problem.ts";
import { registerRoutes } from "./rest.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { TokenVerifier } from "./token-verifier.ts";
import { attachWebSocket } from "./web-socket.ts";

export interface GatewayOptions {
  readonly handlers: Handlers;
  readonly frames: FrameSource;
  readonly tokens: TokenVerifier;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly limits: { readonly bodyBytes: number; readonly planBytes: number; readonly uploadBytes: number };
  readonly now: () => number;
  /** 32 hex digits, for requests that bring no trace of their own. */
  readonly newTraceId: () => string;
  /** Told of every answer. */
  readonly observe?: (sample: { readonly route: string; readonly status: number; readonly ms: number }) => void;
  /** Told of what the gateway could not show to the client. */
  readonly onInternalError?: (error: unknown, traceId: string) => void;
}

export interface Gateway {
  /** `http://localhost:3000`. */
  readonly url: string;
  /** Stops listening, ends idle connections, waits for answers under way. */
  close(): Promise<void>;
}

const HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 10_000;
const SHUTDOWN_MS = 10_000;

/** Errors: CONFLICT when the port is taken (says by whom), FORBIDDEN for a host that is not loopback. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const server = createServer(options);
  let guard: OriginGuard | undefined;
  server.addHook("onRequest", async (request) => {
    guard?.check({ host: request.headers.host, origin: request.headers.origin, fetchSite: single(request.headers["sec-fetch-site"]) });
  });
  registerRoutes(server, options);
  await listen(server, options);
  const { port } = server.server.address() as AddressInfo;
  guard = createOriginGuard({ port, allowedHosts: options.allowedHosts, allowedOrigins: options.allowedOrigins });
  const relay = attachWebSocket(server.server, guard, options);
  return {
    url: `http://localhost:${port}`,
    async close() {
      relay.close();
      const stragglers = setTimeout(() => server.server.closeAllConnections(), SHUTDOWN_MS);
      await server.close();
      clearTimeout(stragglers);
    },
  };
}

function createServer(options: GatewayOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: options.limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200, caseSensitive: true, ignoreTrailingSlash: false },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    exposeHeadRoutes: false,
    http: { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
    clientErrorHandler(error, socket) {
      const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
      if (socket.writable) socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else socket.destroy();
    },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.addHook("onSend", async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.setNotFoundHandler(async (request, reply) => {
    const answer = problemOf(new KosError("NOT_FOUND", "There is nothing at this address. /openapi.json lists what there is."), request.id);
    return reply.status(answer.status).type(PROBLEM_MEDIA_TYPE).send(answer.body);
  });
  server.setErrorHandler(async (error, request, reply) => {
    const known = translate(error);
    const answer = problemOf(known, request.id);
    if (answer.body.code === "INTERNAL") options.onInternalError?.(error, request.id);
    if (answer.status === 401) reply.header("www-authenticate", 'Bearer realm="kos"');
    if (answer.status === 429 || answer.status === 503) reply.header("retry-after", "1");
    return reply.status(answer.status).type(PROBLEM_MEDIA_TYPE).send(answer.body);
  });
  server.setGenReqId(() => options.newTraceId());
  return server;
}

const REASONS: Readonly<Record<number, string>> = { 400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large" };

/** Fastify's own refusals, by their code, as ours. */
function translate(error: unknown): unknown {
  const code = typeof error === "object" && error !== null ? (error as { readonly code?: unknown }).code : undefined;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new KosError("TOO_LARGE", "The body is larger than this route takes. Send a large value as an artifact and refer to it.", {
        cause: error,
      });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new KosError("BAD_REQUEST", "This route takes a JSON body: send content-type: application/json.", { cause: error });
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new KosError("BAD_REQUEST", "The body is not JSON.", { cause: error });
    default:
      return error instanceof SyntaxError
        ? new KosError("BAD_REQUEST", "The body is not JSON, or holds a forbidden key.", { cause: error })
        : error;
  }
}

async function listen(server: FastifyInstance, options: GatewayOptions): Promise<void> {
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (cause) {
    if ((cause as { readonly code?: string }).code !== "EADDRINUSE") throw cause;
    const holder = await portHolder(options.port);
    throw new KosError(
      "CONFLICT",
      `Port ${options.port} is in use${holder === undefined ? "" : ` by ${holder}`}. Choose another, for example --port ${options.port + 1}, or --port 0 for any free one.`,
      { details: { port: options.port, ...(holder !== undefined && { holder }) }, cause },
    );
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
