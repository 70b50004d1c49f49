// The typed REST client that every client of ours uses: terminal, console, tests. Throws `KosError`, never a bare HTTP status.

import { fromWireError, KosError } from "@kos/klp";
import type { AnswerOf, BodyOf, PathParams, QueryOf, Route } from "./route.ts";
import { ROUTES, type RouteName } from "./routes.ts";

type Routes = typeof ROUTES;

type Needed<Key extends string, Value> = Value extends undefined ? unknown : unknown extends Value ? unknown : Readonly<Record<Key, Value>>;

/** What a call takes: path parameters, query and body, each only where the route has them. */
export type CallInput<Name extends RouteName> = (keyof PathParams<Routes[Name]["path"]> extends never
  ? unknown
  : { readonly params: PathParams<Routes[Name]["path"]> }) &
  Needed<"body", BodyOf<Routes[Name]>> &
  (QueryOf<Routes[Name]> extends undefined ? unknown : { readonly query?: QueryOf<Routes[Name]> });

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Makes a mutating call safe to repeat: the same key gives the same answer for 24 hours. */
  readonly idempotencyKey?: string;
  /** Id of a grant of folders written into the data folder of this machine's node; used once. */
  readonly grant?: string;
}

export interface ClientOptions {
  /** `http://localhost:3000`, without a trailing slash. */
  readonly baseUrl: string;
  readonly token?: string;
  readonly fetch: typeof globalThis.fetch;
}

export interface Client {
  readonly baseUrl: string;
  /** Calls a JSON route. Errors: the node's own code; UNAVAILABLE when it cannot be reached. */
  call<Name extends RouteName>(name: Name, input: CallInput<Name>, options?: CallOptions): Promise<AnswerOf<Routes[Name]>>;
  /** Calls a route whose answer is bytes or text. The caller reads or cancels the body. */
  open(
    name: RouteName,
    input: { readonly params?: Readonly<Record<string, string>>; readonly query?: object },
    options?: CallOptions,
  ): Promise<Response>;
  /** Stores bytes as an artifact. */
  upload(
    name: string,
    content: Uint8Array<ArrayBuffer>,
    mediaType: string,
    options?: CallOptions,
  ): Promise<AnswerOf<Routes["uploadArtifact"]>>;
}

interface RawInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly body?: unknown;
}

export function createClient(options: ClientOptions): Client {
  async function request(
    route: Route,
    input: RawInput,
    init: { body?: string | Uint8Array<ArrayBuffer>; type?: string },
    call: CallOptions,
  ): Promise<Response> {
    const headers = new Headers({ accept: route.produces ?? "application/json" });
    if (options.token !== undefined) headers.set("authorization", `Bearer ${options.token}`);
    if (init.type !== undefined) headers.set("content-type", init.type);
    if (call.idempotencyKey !== undefined) headers.set("idempotency-key", call.idempotencyKey);
    if (call.grant !== undefined) headers.set("kos-grant", call.grant);
    const url = options.baseUrl + fillPath(route.path, input.params ?? {}) + queryText(input.query ?? {});
    let response: Response;
    try {
      response = await options.fetch(url, {
        method: route.method,
        headers,
        redirect: "error",
        ...(init.body !== undefined && { body: init.body }),
        ...(call.signal && { signal: call.signal }),
      });
    } catch (cause) {
      if (call.signal?.aborted) throw call.signal.reason;
      throw new KosError("UNAVAILABLE", `No kOS node answers at ${options.baseUrl}. Start one with \`npm start\`, or check the address.`, {
        cause,
      });
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  return {
    baseUrl: options.baseUrl,
    async call(name, input, call = {}) {
      const route: Route = ROUTES[name];
      const raw = input as RawInput;
      const init = raw.body === undefined ? {} : { body: JSON.stringify(raw.body), type: "application/json" };
      const response = await request(route, raw, init, call);
      return (await response.json()) as never;
    },
    open: (name, input, call = {}) => request(ROUTES[name], input, {}, call),
    async upload(name, content, mediaType, call = {}) {
      const response = await request(ROUTES.uploadArtifact, { query: { name } }, { body: content, type: mediaType }, call);
      return (await response.json()) as never;
    },
  };
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = params[name];
    // A URL parser takes `.` and `..` for steps, also when they are escaped: the call would reach another route.
    if (value === undefined || value === "" || value === "." || value === "..") {
      throw new KosError("BAD_REQUEST", `The path ${path} needs a value for ${name}.`);
    }
    return encodeURIComponent(value);
  });
}

function queryText(query: object): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)]))}`;
}

async function problemOf(response: Response): Promise<KosError> {
  const text = await response.text();
  try {
    return fromWireError(JSON.parse(text));
  } catch (cause) {
    return new KosError("INTERNAL", `The node answered ${response.status} without a problem document.`, { cause });
  }
}
