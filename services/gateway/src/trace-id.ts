// The trace id of a request: the client's own where it brings one (W3C Trace Context), else a new one, made when somebody first asks for it.

import type { FastifyRequest } from "fastify";

/** `00-<trace id>-<parent id>-<flags>`; later versions may add to the end. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

export type TraceIdOf = (request: FastifyRequest) => string;

export function createTraceIds(newTraceId: () => string): TraceIdOf {
  const made = new WeakMap<FastifyRequest, string>();
  return (request) => {
    const known = made.get(request);
    if (known !== undefined) return known;
    const { traceparent } = request.headers;
    const traceId = (typeof traceparent === "string" ? TRACEPARENT.exec(traceparent)?.[1] : undefined) ?? newTraceId();
    made.set(request, traceId);
    return traceId;
  };
}
