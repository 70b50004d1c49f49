// A route as data: method, path, scope and schemas. The gateway registers it, OpenAPI describes it, the client calls it.

import type { Static, TSchema } from "typebox";

/** `verb:resource`. `open` routes need no token. */
export const SCOPES = [
  "open",
  "read:plan",
  "write:plan",
  "approve:plan",
  "read:agent",
  "manage:agent",
  "read:artifact",
  "write:artifact",
  "read:config",
  "read:log",
  "read:metrics",
  "manage:auth",
  "manage:node",
] as const;
export type Scope = (typeof SCOPES)[number];

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Route {
  readonly method: Method;
  /** `/service_name/function`, parameters as `:name`. */
  readonly path: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly tag: string;
  /** Status of a success. */
  readonly status: 200 | 201 | 202 | 204;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly response?: TSchema;
  /** Media type of a success where it is not JSON. */
  readonly produces?: string;
  /** Media type of the body where it is not JSON. */
  readonly consumes?: string;
}

export type PathParams<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Readonly<Record<Name, string>> & PathParams<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Readonly<Record<Name, string>>
    : unknown;

export type BodyOf<R extends Route> = R["body"] extends TSchema ? Static<R["body"]> : undefined;
export type QueryOf<R extends Route> = R["query"] extends TSchema ? Static<R["query"]> : undefined;
export type AnswerOf<R extends Route> = R["response"] extends TSchema ? Static<R["response"]> : undefined;
