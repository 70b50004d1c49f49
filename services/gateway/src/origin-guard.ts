// Which Host and Origin headers a request may carry. Loopback is not authentication: any page in a browser can reach it.

import { KosError } from "@kos/klp";

export interface OriginGuardOptions {
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

export interface OriginGuard {
  /** Errors: FORBIDDEN, for a host name that is not ours (rebinding) or an origin that is not listed. */
  check(headers: { readonly host: string | undefined; readonly origin: string | undefined; readonly fetchSite: string | undefined }): void;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

export function createOriginGuard(options: OriginGuardOptions): OriginGuard {
  const names = [...LOOPBACK_NAMES, ...options.allowedHosts];
  const hosts = new Set(names.flatMap((name) => (options.port === 80 ? [name, `${name}:80`] : [`${name}:${options.port}`])));
  const origins = new Set([`http://localhost:${options.port}`, ...options.allowedOrigins]);
  return {
    check({ host, origin, fetchSite }) {
      if (host === undefined || !hosts.has(host.toLowerCase())) {
        throw new KosError(
          "FORBIDDEN",
          "This node does not answer to that host name. Use http://localhost, or list the name under listen.allowed_hosts.",
        );
      }
      if (origin !== undefined && !origins.has(origin)) {
        throw new KosError(
          "FORBIDDEN",
          "Pages of that origin may not call this node. List it under listen.allowed_origins if it is yours.",
        );
      }
      if (fetchSite === "cross-site" && origin === undefined) {
        throw new KosError("FORBIDDEN", "Another site's page may not call this node.");
      }
    },
  };
}
