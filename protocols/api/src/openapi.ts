// OpenAPI 3.1 from the table of routes.

import type { TSchema } from "typebox";
import { Problem } from "./common-schema.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

export function openApiDocument(options: { readonly version: string; readonly url: string }): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
    const path = route.path.replace(/:([a-z_]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "kOS", version: options.version, description: "REST contract of a kOS node. WebSocket frames go over /ws." },
    servers: [{ url: options.url }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Problem },
    },
  };
}

function operation(name: string, route: Route): Readonly<Record<string, unknown>> {
  const mutates = route.method !== "GET" && route.scope !== "open";
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    ...(route.scope === "open" ? { security: [] } : { security: [{ bearer: [route.scope] }] }),
    parameters: [
      ...[...route.path.matchAll(/:([a-z_]+)/g)].map(([, parameter]) => ({
        name: parameter,
        in: "path",
        required: true,
        schema: { type: "string" },
      })),
      ...queryParameters(route.query),
      ...(mutates ? [{ name: "Idempotency-Key", in: "header", required: false, schema: { type: "string", maxLength: 200 } }] : []),
    ],
    ...(route.body && { requestBody: { required: mustBeSent(route.body), content: { "application/json": { schema: route.body } } } }),
    ...(route.consumes !== undefined && {
      requestBody: { required: true, content: { [route.consumes]: { schema: { type: "string", format: "binary" } } } },
    }),
    responses: {
      [route.status]: { description: "Success", content: success(route) },
      default: {
        description: "Problem (RFC 9457) with a kOS code",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

/** A body whose fields may all be left out may be left out itself. */
function mustBeSent(body: TSchema): boolean {
  const { required = [] } = body as { readonly required?: readonly string[] };
  return required.length > 0;
}

function success(route: Route): Readonly<Record<string, unknown>> {
  if (route.produces !== undefined) return { [route.produces]: { schema: { type: "string" } } };
  return { "application/json": { schema: route.response ?? {} } };
}

function queryParameters(query: TSchema | undefined): readonly unknown[] {
  const { properties = {}, required = [] } = (query ?? {}) as {
    properties?: Readonly<Record<string, TSchema>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}
