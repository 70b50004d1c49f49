// Registers every route of the contract on Fastify: scope, schemas, body, answer. A route without a handler does not start.

import { ROUTES, type Route, type RouteName } from "@kos/api";
import { canonicalJson, hashText, KosError } from "@kos/klp";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Bearer } from "./bearer.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { ByteAnswer, HandlerRequest } from "./handler.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { parseJson } from "./json-body.ts";
import type { RouteConfig } from "./rest-server.ts";
import { RouteRequest } from "./route-request.ts";
import { readQuery, shapeCheck } from "./shape-check.ts";
import type { TraceIdOf } from "./trace-id.ts";
import { boundedBody, refuseTooLong } from "./upload-body.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const GRANT = /^[A-Za-z0-9_-]{16,64}$/;
/** Routes whose body is a whole plan. */
const PLAN_ROUTES: ReadonlySet<string> = new Set<RouteName>(["submit", "makePlan", "patchPlan"]);
/** Addresses that people pass on: a page of another site may link to them. */
const LINKED: ReadonlySet<string> = new Set<RouteName>(["sharedArtifact"]);
/** Routes that are answered under any load: they tell how the node is. */
const ALWAYS: ReadonlySet<string> = new Set<RouteName>(["health", "ready", "metrics", "stopNode"]);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

export interface RestOptions extends Pick<GatewayOptions, "handlers" | "limits"> {
  readonly bearer: Bearer;
  readonly traceIdOf: TraceIdOf;
}

type AnyHandler = (request: HandlerRequest<RouteName>) => Promise<unknown>;

/** Errors: INTERNAL when a route has no handler. */
export function registerRoutes(server: FastifyInstance, options: RestOptions): void {
  server.decorateRequest("caller", null);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  const uploads: RouteName[] = [];
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    if ((ROUTES[name] as Route).consumes === undefined) registerRoute(server, name, options);
    else uploads.push(name);
  }
  // Raw bodies have a place of their own: there no media type is parsed, JSON neither.
  void server.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    for (const name of uploads) registerRoute(raw, name, options);
  });
  registerOtherMethods(server);
}

function registerRoute(server: FastifyInstance, name: RouteName, options: RestOptions): void {
  const route: Route = ROUTES[name];
  const handler = options.handlers[name] as AnyHandler | undefined;
  if (handler === undefined) throw new KosError("INTERNAL", `The route ${route.method} ${route.path} has no handler.`);
  const takesUpload = route.consumes !== undefined;
  const checkQuery = shapeCheck({ type: "object", ...route.query, additionalProperties: false }, "query");
  const checkBody = bodyCheck(route);
  server.route({
    method: route.method,
    url: route.path,
    config: { always: ALWAYS.has(name), opensPage: LINKED.has(name) } satisfies RouteConfig,
    bodyLimit: PLAN_ROUTES.has(name) ? options.limits.planBytes : options.limits.bodyBytes,
    // Before a byte of the body is read.
    onRequest(request, _reply, done) {
      try {
        request.setDecorator(
          "caller",
          options.bearer.admit(request.raw.headers.authorization, route.scope, request.socket.remoteAddress ?? ""),
        );
        if (takesUpload) refuseTooLong(request.raw.headers["content-length"], options.limits.uploadBytes);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    async handler(request, reply) {
      const query = readQuery(request.query as Record<string, unknown>, route.query);
      checkQuery(query);
      const body = takesUpload ? undefined : checkBody(request.body);
      const idempotencyKey = header(request, "idempotency-key", IDEMPOTENCY_KEY);
      const checked = {
        params: checkParams(request.params as Readonly<Record<string, string>>),
        query: query as never,
        body: body as never,
        idempotencyKey,
        bodyHash: idempotencyKey !== undefined && body !== undefined ? hashText(canonicalJson(body)) : undefined,
        grant: header(request, "kos-grant", GRANT),
        upload: takesUpload
          ? boundedBody((request.body as AsyncIterable<Uint8Array> | undefined) ?? request.raw, options.limits.uploadBytes)
          : undefined,
      };
      const answer = await handler(new RouteRequest(checked, request, reply, options.traceIdOf));
      return send(reply, route, answer);
    },
  });
}

/** Other methods on our paths: OPTIONS says which there are, the rest is 405 with the same list. */
function registerOtherMethods(server: FastifyInstance): void {
  const known = new Map<string, Set<string>>();
  for (const { path, method } of Object.values(ROUTES)) known.set(path, (known.get(path) ?? new Set()).add(method));
  for (const [url, methods] of known) {
    if (methods.has("GET")) methods.add("HEAD");
    const allow = [...methods, "OPTIONS"].join(", ");
    server.route({
      method: "OPTIONS",
      url,
      async handler(_request, reply) {
        if (reply.hasHeader("access-control-allow-origin")) {
          reply.headers({
            "access-control-allow-methods": allow,
            "access-control-allow-headers": "authorization, content-type, idempotency-key, range",
            "access-control-max-age": "600",
          });
        }
        return reply.status(204).header("allow", allow).send();
      },
    });
    const others = METHODS.filter((method) => !methods.has(method));
    server.route({
      method: [...others],
      url,
      exposeHeadRoute: false,
      onRequest(_request, _reply, done) {
        done(new HttpRefusal(new KosError("BAD_REQUEST", `This address takes ${allow}.`), { status: 405, headers: { allow } }));
      },
      handler: async () => undefined,
    });
  }
}

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  if (route.produces === undefined) return reply.status(route.status).type("application/json").send(JSON.stringify(answer));
  const { status, headers, body } = answer as ByteAnswer;
  reply.status(status).headers(headers);
  if (!reply.hasHeader("content-type")) reply.type(route.produces);
  return reply.send(typeof body === "string" || body instanceof Uint8Array ? body : ReadableStream.from(body));
}

/** A body that may be left out counts as an empty object; a route without one takes nothing else. */
function bodyCheck(route: Route): (body: unknown) => unknown {
  if (route.body === undefined) {
    return (body) => {
      const isEmpty = body === undefined || (typeof body === "object" && body !== null && Object.keys(body).length === 0);
      if (!isEmpty) throw new KosError("BAD_REQUEST", "This route takes no body. Leave it out.");
      return undefined;
    };
  }
  const check = shapeCheck(route.body, "body");
  return (sent) => {
    const body = sent === undefined ? {} : sent;
    check(body);
    return body;
  };
}

function checkParams(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(params)) {
    if (!/^[^\u0000-\u001f\u007f]+$/.test(value)) throw new KosError("BAD_REQUEST", `${name} in the path holds what no id holds.`);
  }
  return params;
}

function header(request: FastifyRequest, name: string, pattern: RegExp): string | undefined {
  const value = request.headers[name];
  if (value === undefined) return undefined;
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new KosError("BAD_REQUEST", `The header ${name} is not written as it should be: it must fit ${pattern.source}.`);
}
