// Commands of `/ws` as calls of the REST handlers: the same rights, the same shapes, the same answers.

import { type ClientFrame, ROUTES, type RouteName } from "@kos/api";
import { canonicalJson, hashText } from "@kos/klp";
import { insufficientScope } from "./bearer.ts";
import type { Caller, HandlerRequest, Handlers } from "./handler.ts";

export type CommandFrame = Extract<ClientFrame, { type: "TASK_REQUEST" | "CANCEL" | "APPROVE" | "ANSWER" }>;

export interface CommandContext {
  readonly handlers: Handlers;
  readonly caller: Caller;
  readonly traceId: string;
  readonly signal: AbortSignal;
}

/** Errors: INSUFFICIENT_SCOPE, and those of the handler. */
export async function runCommand(frame: CommandFrame, context: CommandContext): Promise<unknown> {
  switch (frame.type) {
    case "TASK_REQUEST":
      return call("submit", context, { body: frame.request, idempotencyKey: frame.idempotency_key });
    case "CANCEL":
      return call("cancelPlan", context, {
        params: { plan_id: frame.plan_id },
        body: frame.reason === undefined ? {} : { reason: frame.reason },
      });
    case "APPROVE": {
      const { decision, digest, reason } = frame;
      return call("decide", context, {
        params: { approval_id: frame.approval_id },
        body: { decision, digest, ...(reason !== undefined && { reason }) },
      });
    }
    case "ANSWER":
      return call("answer", context, { params: { input_id: frame.input_id }, body: { answer: frame.answer } });
  }
}

async function call<Name extends RouteName>(
  name: Name,
  { handlers, caller, traceId, signal }: CommandContext,
  parts: Pick<HandlerRequest<Name>, "body"> & Partial<Pick<HandlerRequest<Name>, "params" | "idempotencyKey">>,
): Promise<unknown> {
  const { scope } = ROUTES[name];
  if (!caller.scopes.has(scope)) throw insufficientScope(scope);
  const { body, params = {}, idempotencyKey } = parts;
  const request: HandlerRequest<Name> = {
    params,
    query: undefined as never,
    body,
    caller,
    idempotencyKey,
    bodyHash: idempotencyKey === undefined ? undefined : hashText(canonicalJson(body)),
    grant: undefined,
    traceId,
    signal,
    upload: undefined,
    mediaType: undefined,
    range: undefined,
  };
  const handler = handlers[name] as unknown as (request: HandlerRequest<Name>) => Promise<unknown>;
  return handler(request);
}
