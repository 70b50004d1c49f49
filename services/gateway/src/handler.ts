// What the gateway asks of the node: one handler a route. The gateway has authenticated, authorised and validated before it calls one.

import type { AnswerOf, BodyOf, QueryOf, ROUTES, RouteName, Scope } from "@kos/api";

/** Who calls, as the token says; nothing the client says of itself is in here. */
export interface Caller {
  /** `person:owner`, `agent:<id>`. */
  readonly subject: string;
  readonly tenant: string;
  readonly scopes: ReadonlySet<Scope>;
}

export interface HandlerRequest<Name extends RouteName> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryOf<(typeof ROUTES)[Name]>;
  readonly body: BodyOf<(typeof ROUTES)[Name]>;
  readonly caller: Caller;
  /** As the client sent it; scoped by the handler to tenant, caller and route. */
  readonly idempotencyKey: string | undefined;
  /** `sha256:<hex>` of the canonical body, to tell another body under the same key; there where a key is and the body is JSON. */
  readonly bodyHash: string | undefined;
  /** Id of a grant of folders made on this machine (`kos-grant`), not yet checked. */
  readonly grant: string | undefined;
  /** W3C trace id of this request. */
  readonly traceId: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Raw body of routes that take one. */
  readonly upload: AsyncIterable<Uint8Array> | undefined;
  /** Media type the client gave for a raw body. */
  readonly mediaType: string | undefined;
  /** `bytes=0-99` as sent, for routes that serve ranges. */
  readonly range: string | undefined;
}

/** An answer that is not JSON. */
export interface ByteAnswer {
  /** 416 where the range lies outside: `headers` then say `content-range`. */
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | string;
}

type JsonRoutes = { [Name in RouteName]: (typeof ROUTES)[Name] extends { readonly produces: string } ? never : Name }[RouteName];

export type Handlers = {
  readonly [Name in RouteName]: (
    request: HandlerRequest<Name>,
  ) => Promise<Name extends JsonRoutes ? AnswerOf<(typeof ROUTES)[Name]> : ByteAnswer>;
};
