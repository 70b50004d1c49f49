// Registers every route of the contract on Fastify: scope, schemas, body, answer. A route without a handler cannot compile.

import { type Route, type RouteName, ROUTES } from "@kos/api";
import { canonicalJson, hashText, KosError } from "@kos/klp";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Compile } from "typebox/schema";
import type { GatewayOptions } from "./gateway.ts";
import type { ByteAnswer, Caller, HandlerRequest } from "./handler.ts";

const OPEN_CALLER: Caller = { subject: "anyone", tenant: "local", scopes: new Set(["open"]) };
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const GRANT = /^[A-Za-z0-9_-]{16,64}$/;
/** Routes whose body is a whole plan. */
const PLAN_ROUTES: ReadonlySet<string> = new Set<RouteName>(["submit", "makePlan", "patchPlan"]);

type AnyHandler = (request: HandlerRequest<RouteName>) => Promise<unknown>;

export function registerRoutes(server: FastifyInstance, options: GatewayOptions): void {
  server.removeContentTypeParser("text/plain");
  server.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  for (const name of Object.keys(ROUTES) as RouteName[]) registerRoute(server, name, ROUTES[name], options);
}

function registerRoute(server: FastifyInstance, name: RouteName, route: Route, options: GatewayOptions): void {
  const handler = options.handlers[name] as AnyHandler;
  const validate = { query: checker(route.query, "query"), body: checker(route.body, "body") };
  const takesUpload = route.consumes !== undefined;
  server.route({
    method: route.method,
    url: route.path,
    bodyLimit: takesUpload ? options.limits.uploadBytes : PLAN_ROUTES.has(name) ? options.limits.planBytes : options.limits.bodyBytes,
    async handler(request, reply) {
      const startedAt = options.now();
      reply.raw.once("close", () => options.observe?.({ route: route.path, status: reply.statusCode, ms: options.now() - startedAt }));
      const caller = authorise(request, route, options);
      if (!takesUpload && route.body && !isJson(request)) {
        throw new KosError("BAD_REQUEST", "This route takes a JSON body: send content-type: application/json.");
      }
      const query = coerce(request.query as Record<string, unknown>, route);
      validate.query(query);
      validate.body(request.body);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const answer = await handler({
        params: request.params as Readonly<Record<string, string>>,
        query: query as never,
        body: request.body as never,
        caller,
        idempotencyKey: header(request, "idempotency-key", IDEMPOTENCY_KEY),
        bodyHash: route.body && request.body !== undefined ? hashText(canonicalJson(request.body)) : undefined,
        grant: header(request, "kos-grant", GRANT),
        traceId: request.id,
        signal: gone.signal,
        upload: takesUpload ? (request.body as AsyncIterable<Uint8Array>) : undefined,
        mediaType: takesUpload ? request.headers["content-type"] : undefined,
        range: request.headers.range,
      });
      return send(reply, route, answer);
    },
  });
}

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  if (route.produces === undefined) return reply.status(route.status).type("application/json").send(answer);
  const { status, headers, body } = answer as ByteAnswer;
  reply.status(status).headers(headers);
  if (reply.getHeader("content-type") === undefined) reply.type(route.produces);
  if (typeof body === "string" || body instanceof Uint8Array) return reply.send(body);
  return reply.send(ReadableStream.from(body));
}

function authorise(request: FastifyRequest, route: Route, options: GatewayOptions): Caller {
  if (route.scope === "open") return OPEN_CALLER;
  const [scheme, token, ...rest] = (request.headers.authorization ?? "").split(" ");
  const caller = scheme?.toLowerCase() === "bearer" && token && rest.length === 0 ? options.tokens.verify(token) : undefined;
  if (!caller)
    throw new KosError(
      "UNAUTHORIZED",
      "Send a valid token as `Authorization: Bearer …`. On this machine it lies in owner.token of the data folder.",
    );
  if (!caller.scopes.has(route.scope)) throw new KosError("INSUFFICIENT_SCOPE", `This token has no right to ${route.scope}.`);
  return caller;
}

function isJson(request: FastifyRequest): boolean {
  return /^application\/json\b/i.test(request.headers["content-type"] ?? "");
}

function header(request: FastifyRequest, name: string, pattern: RegExp): string | undefined {
  const value = request.headers[name];
  if (value === undefined) return undefined;
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new KosError("BAD_REQUEST", `The header ${name} is not written as it should be.`);
}

/** Query values are text; the schema says which are numbers. */
function coerce(query: Record<string, unknown>, route: Route): Record<string, unknown> {
  const properties =
    (route.query as { readonly properties?: Readonly<Record<string, { readonly type?: string }>> } | undefined)?.properties ?? {};
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      properties[name]?.type === "integer" && /^-?\d{1,15}$/.test(String(value)) ? Number(value) : value,
    ]),
  );
}

function checker(schema: Route["body"], part: "query" | "body"): (value: unknown) => void {
  if (!schema) {
    return (value) => {
      if (part === "query" && value !== null && typeof value === "object" && Object.keys(value).length > 0) {
        throw new KosError("BAD_REQUEST", `This route takes no query parameters, but got ${Object.keys(value).slice(0, 5).join(", ")}.`);
      }
    };
  }
  const strict = part === "query" ? { ...schema, additionalProperties: false } : schema;
  const compiled = Compile(strict);
  return (value) => {
    if (compiled.Check(value)) return;
    const [, errors] = compiled.Errors(value);
    const problems = errors.slice(0, 20).map(({ instancePath, message }) => ({ path: `${part}${instancePath}`, message }));
    throw new KosError("BAD_REQUEST", `The ${part} does not fit: ${problems[0]?.path} ${problems[0]?.message}.`, { details: { problems } });
  };
}
