// What a handler gets of one request. What most handlers do not ask for is made when it is asked for: it costs more than all the rest.

import type { RouteName } from "@kos/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller, HandlerRequest } from "./handler.ts";
import type { TraceIdOf } from "./trace-id.ts";

type Checked = Omit<HandlerRequest<RouteName>, "caller" | "traceId" | "signal" | "mediaType" | "range">;

/** A class for its getters: made once, where an object of accessors is made anew for every request. */
export class RouteRequest implements HandlerRequest<RouteName> {
  readonly params: Checked["params"];
  readonly query: Checked["query"];
  readonly body: Checked["body"];
  readonly idempotencyKey: string | undefined;
  readonly bodyHash: string | undefined;
  readonly grant: string | undefined;
  readonly upload: Checked["upload"];
  readonly caller: Caller;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #traceIdOf: TraceIdOf;
  #signal: AbortSignal | undefined;

  constructor(checked: Checked, request: FastifyRequest, reply: FastifyReply, traceIdOf: TraceIdOf) {
    this.params = checked.params;
    this.query = checked.query;
    this.body = checked.body;
    this.idempotencyKey = checked.idempotencyKey;
    this.bodyHash = checked.bodyHash;
    this.grant = checked.grant;
    this.upload = checked.upload;
    this.caller = request.getDecorator<Caller>("caller");
    this.#request = request;
    this.#reply = reply;
    this.#traceIdOf = traceIdOf;
  }

  get traceId(): string {
    return this.#traceIdOf(this.#request);
  }

  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.#reply);
    return this.#signal;
  }

  get mediaType(): string | undefined {
    return this.upload === undefined ? undefined : this.#request.headers["content-type"];
  }

  get range(): string | undefined {
    return this.#request.headers.range;
  }
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.closed) gone.abort();
  else reply.raw.once("close", () => gone.abort());
  return gone.signal;
}
