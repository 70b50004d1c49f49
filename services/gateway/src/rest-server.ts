// The Fastify instance and what every request passes, whatever its route: origin, drain, load, headers, errors, measuring.

import { KosError } from "@kos/klp";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { DoorLimits } from "./door-limits.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { HttpRefusal, retryAfter } from "./http-refusal.ts";
import type { OriginGuard } from "./origin-guard.ts";
import { PROBLEM_MEDIA_TYPE, problemOf } from "./problem.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import type { TraceIdOf } from "./trace-id.ts";

export interface DoorState {
  /** Known once the port is. */
  guard: OriginGuard | undefined;
  draining: boolean;
  inFlight: number;
}

/** How the gateway treats a route, as Fastify's own `config` of it. */
export interface RouteConfig {
  /** Something that a person opens: other sites may link to it. */
  readonly opensPage?: boolean;
  /** Answered however much there is to do: health, metrics, the page. */
  readonly always?: boolean;
}

const MAX_PARAM_CHARACTERS = 300;

export function createRestServer(options: GatewayOptions, limits: DoorLimits, state: DoorState, traceIdOf: TraceIdOf): FastifyInstance {
  const server = fastify({
    logger: false,
    genReqId: () => "", // Nobody asks for it: a request is known by its trace id.
    exposeHeadRoutes: true,
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS, caseSensitive: true, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      void fail(error, request, reply);
    },
  });

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const traceId = traceIdOf(request);
    const { status, headers, body } = problemOf(error, traceId);
    if (body.code === "INTERNAL") options.onInternalError?.(error, traceId);
    // A body that is not read to its end would have to be swallowed for the next request to be found.
    if (!request.raw.complete) reply.header("connection", "close");
    // The framework's own refusals do not pass the hook that sets these.
    return reply
      .status(status)
      .headers({ ...SECURITY_HEADERS, ...headers })
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(body));
  }

  server.addHook("onRequest", (request, reply, done) => {
    watch(request, reply);
    try {
      done(admit(request, reply));
    } catch (error) {
      done(error as Error);
    }
  });

  function watch(request: FastifyRequest, reply: FastifyReply): void {
    const startedAt = options.now();
    state.inFlight += 1;
    reply.raw.once("close", () => {
      state.inFlight -= 1;
      options.observe?.({ route: request.routeOptions.url ?? "unknown", status: reply.statusCode, ms: options.now() - startedAt });
    });
  }

  function admit(request: FastifyRequest, reply: FastifyReply): undefined {
    const { headers } = request.raw;
    const { opensPage = false, always = false } = request.routeOptions.config as RouteConfig;
    reply.headers(SECURITY_HEADERS);
    if (!state.guard) throw unavailable("The node is just starting. Try again in a moment.");
    state.guard.check(
      {
        host: headers.host,
        origin: headers.origin,
        fetchSite: text(headers["sec-fetch-site"]),
        isNavigation: headers["sec-fetch-mode"] === "navigate",
      },
      opensPage,
    );
    if (state.guard.isListed(headers.origin)) {
      reply.headers({ "access-control-allow-origin": headers.origin, "access-control-expose-headers": "retry-after", vary: "origin" });
    }
    if (state.draining) {
      reply.header("connection", "close");
      throw unavailable("The node is ending. Try again when it runs.");
    }
    if (!always && (state.inFlight > limits.maxInFlight || options.isOverloaded?.() === true)) {
      throw unavailable("The node has more to do than it can. Try again in a moment.");
    }
  }

  server.setNotFoundHandler((request, reply) =>
    fail(new KosError("NOT_FOUND", "There is nothing at this address. /openapi.json lists what there is."), request, reply),
  );
  server.setErrorHandler((error, request, reply) => fail(error, request, reply));
  return server;
}

/** Shapes are checked by shape-check.ts and answers written by rest.ts, so Fastify's own compilers, which are large, are never loaded. */
function refuseSchema(): never {
  throw new KosError("INTERNAL", "A route of the gateway has a schema for Fastify. Have shape-check.ts check it.");
}

function unavailable(message: string): HttpRefusal {
  return new HttpRefusal(new KosError("UNAVAILABLE", message), { headers: retryAfter(1000) });
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}
