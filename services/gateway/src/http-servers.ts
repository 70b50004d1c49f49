// The listening sockets: addresses, ports, timeouts, TLS and the end. It knows nothing of routes.

import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { KosError } from "@kos/klp";
import type { DoorLimits } from "./door-limits.ts";
import type { RemoteAccess } from "./gateway-options.ts";
import { HttpRefusal } from "./http-refusal.ts";
import { createServer } from "./node-http.ts";
import { portHolder } from "./port-holder.ts";
import { endWithProblem } from "./raw-answer.ts";

export interface HttpServersOptions {
  readonly host: string;
  readonly port: number;
  readonly remote: RemoteAccess | undefined;
  readonly limits: DoorLimits;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly newTraceId: () => string;
  readonly onRequest: RequestListener;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface HttpServers {
  readonly port: number;
  readonly url: string;
  /** Stops listening, waits for answers under way, at most `drainMs`. */
  close(): Promise<void>;
}

/** A free port was free on one address and taken on the other: another one is tried so often. */
const FREE_PORT_ATTEMPTS = 20;
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"];

/** Errors: FORBIDDEN (other machines could reach the host and nothing protects it), CONFLICT (the port is taken). */
export async function listen(options: HttpServersOptions): Promise<HttpServers> {
  refuseUnprotected(options);
  const servers = await bindAll(options);
  const port = portOf(servers[0]);
  const shown = isLoopbackHost(options.host) || options.host === "0.0.0.0" || options.host === "::" ? "localhost" : options.host;
  return {
    port,
    url: `${options.remote?.tls ? "https" : "http"}://${shown.includes(":") ? `[${shown}]` : shown}:${port}`,
    async close() {
      const cancel = options.after(options.limits.drainMs, () => {
        for (const server of servers) server.closeAllConnections();
      });
      await Promise.all(servers.map(closeServer));
      cancel();
    },
  };
}

/** `localhost`, 127.0.0.0/8 and ::1, with or without brackets. */
function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}

function refuseUnprotected({ host, remote }: HttpServersOptions): void {
  if (isLoopbackHost(host) || (remote && (remote.tls || remote.behindProxy))) return;
  throw new KosError(
    "FORBIDDEN",
    `Other machines could reach ${host}. Set listen.host to localhost, or listen.allow_remote with listen.tls, or with listen.behind_proxy when a reverse proxy ends TLS.`,
    { details: { host } },
  );
}

async function bindAll(options: HttpServersOptions): Promise<readonly [Server, ...Server[]]> {
  const [first, ...others] = options.host.toLowerCase() === "localhost" ? ["127.0.0.1", "::1"] : [options.host.replace(/^\[|\]$/g, "")];
  for (let attempt = 1; ; attempt += 1) {
    const bound: Server[] = [];
    try {
      const main = await bind(options, first ?? options.host, options.port);
      bound.push(main);
      for (const address of others) {
        const second = await bind(options, address, portOf(main)).catch((error: unknown) => {
          if (NO_SUCH_ADDRESS.includes(codeOf(error) ?? "")) return undefined; // A machine without IPv6.
          throw error;
        });
        if (second) bound.push(second);
      }
      return [main, ...bound.slice(1)];
    } catch (cause) {
      await Promise.all(bound.map(closeServer));
      if (codeOf(cause) === "EADDRINUSE" && options.port === 0 && attempt < FREE_PORT_ATTEMPTS) continue;
      throw await explain(cause, options);
    }
  }
}

async function bind(options: HttpServersOptions, address: string, port: number): Promise<Server> {
  const { limits } = options;
  const common = { maxHeaderSize: limits.maxHeaderBytes, connectionsCheckingInterval: limits.checkEveryMs, requireHostHeader: false };
  const { tls } = options.remote ?? {};
  const server = tls
    ? createTlsServer({ ...common, ...tls, minVersion: "TLSv1.2" }, options.onRequest)
    : createServer(common, options.onRequest);
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.keepAliveTimeout = limits.keepAliveMs;
  server.maxConnections = limits.maxConnections;
  server.on("upgrade", options.onUpgrade);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET") socket.destroy();
    else endWithProblem(socket, refusalOf(error.code), options.newTraceId());
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: address, port, exclusive: true }, resolve);
  await promise;
  server.off("error", reject);
  return server;
}

function refusalOf(code: string | undefined): HttpRefusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new HttpRefusal(new KosError("TOO_LARGE", "The headers are larger than 16 KiB. Send fewer or shorter ones."), { status: 431 });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpRefusal(new KosError("TIMEOUT", "The request did not arrive in time. Send it again, faster."), { status: 408 });
    default:
      return new HttpRefusal(new KosError("BAD_REQUEST", "This is not HTTP/1.1."), {});
  }
}

async function explain(cause: unknown, { port, host }: HttpServersOptions): Promise<unknown> {
  switch (codeOf(cause)) {
    case "EADDRINUSE": {
      const holder = await portHolder(port);
      return new KosError(
        "CONFLICT",
        `Port ${port} is in use${holder === undefined ? "" : ` by ${holder}`}. Choose another, for example --port ${port < 65_535 ? port + 1 : port - 1}, or --port 0 for any free one.`,
        { details: { port, ...(holder !== undefined && { holder }) }, cause },
      );
    }
    case "EACCES":
      return new KosError("FORBIDDEN", `This user may not listen on port ${port}. Choose one above 1023, for example --port 3000.`, {
        cause,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new KosError("BAD_REQUEST", `This machine has no address ${host}. Set listen.host to localhost.`, { cause });
    default:
      return cause;
  }
}

function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  return promise;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string } | undefined)?.code;
}
