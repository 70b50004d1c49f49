// The door: REST and WebSocket on one origin. It authenticates, authorises, validates and limits, then asks a handler.

import { createBearer } from "./bearer.ts";
import { DOOR_LIMITS } from "./door-limits.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { listen } from "./http-servers.ts";
import { createOriginGuard } from "./origin-guard.ts";
import { registerPage } from "./page.ts";
import { createRelay } from "./relay.ts";
import { registerRoutes } from "./rest.ts";
import { createRestServer, type DoorState } from "./rest-server.ts";
import { systemAfter } from "./system-machine.ts";
import { createTraceIds } from "./trace-id.ts";

export interface Gateway {
  /** `http://localhost:3000`. */
  readonly url: string;
  /** Takes nothing new, ends idle connections, waits for answers under way, at most 10 s. */
  close(): Promise<void>;
}

/** Errors: CONFLICT when the port is taken (says by whom), FORBIDDEN for a host that others reach and nothing protects, INTERNAL without a handler. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const limits = { ...DOOR_LIMITS, ...options.doorLimits };
  const { tokens, now, after = systemAfter } = options;
  const state: DoorState = { guard: undefined, draining: false, inFlight: 0 };
  const bearer = createBearer({ tokens, limits, now });
  const traceIdOf = createTraceIds(options.newTraceId);
  const rest = createRestServer(options, limits, state, traceIdOf);
  registerPage(rest, options.console);
  registerRoutes(rest, { ...options, bearer, traceIdOf });
  await rest.ready();
  const relay = createRelay({ ...options, after, limits, bearer, state });
  const servers = await listen({
    host: options.host,
    port: options.port,
    remote: options.remote,
    limits,
    after,
    newTraceId: options.newTraceId,
    onRequest: (request, response) => rest.routing(request, response),
    onUpgrade: relay.onUpgrade,
  });
  const { url, port } = servers;
  state.guard = createOriginGuard({
    url,
    host: options.host,
    port,
    allowedHosts: options.allowedHosts,
    allowedOrigins: options.allowedOrigins,
  });
  return {
    url,
    async close() {
      state.draining = true;
      relay.close();
      await servers.close();
      await rest.close();
    },
  };
}
