// Which Host, Origin and Sec-Fetch headers a request may carry. Loopback is not authentication: any page in a browser can reach it.

import { KosError } from "@kos/klp";

export interface OriginGuardOptions {
  /** `http://localhost:3000`. */
  readonly url: string;
  /** Name or address that was listened on. */
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** Sec-Fetch-Mode is `navigate`: a person follows a link to a page, and no script of another site sees the answer. */
  readonly isNavigation: boolean;
}

export interface OriginGuard {
  /**
   * `opensPage`: the address is a page for people, to which other sites may link.
   * Errors: FORBIDDEN, for a host name that is not ours (rebinding) or an origin that is not listed.
   */
  check(from: RequestOrigin, opensPage: boolean): void;
  /** Whether the origin is another than ours and was listed: then browsers are told so (CORS). */
  isListed(origin: string | undefined): origin is string;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;
const OWN_SITES: readonly (string | undefined)[] = ["same-origin", "none", undefined];

export function createOriginGuard({ url, host, port, allowedHosts, allowedOrigins }: OriginGuardOptions): OriginGuard {
  const scheme = new URL(url).protocol;
  const names = [...LOOPBACK_NAMES, host.includes(":") ? `[${host}]` : host, ...allowedHosts].map((name) => name.toLowerCase());
  // A listed name may come without a port: a proxy in front listens on the usual one.
  const hosts = new Set([...names.map((name) => `${name}:${port}`), ...allowedHosts.map((name) => name.toLowerCase())]);
  const defaultPort = scheme === "https:" ? 443 : 80;
  if (port === defaultPort) for (const name of names) hosts.add(name);
  const listed = new Set(allowedOrigins);

  return {
    check({ host: asked, origin, fetchSite, isNavigation }, opensPage) {
      if (asked === undefined || !hosts.has(asked.toLowerCase())) {
        throw new KosError(
          "FORBIDDEN",
          `This node does not answer to that host name. Use ${url}, or list the name under listen.allowed_hosts.`,
        );
      }
      if (origin !== undefined) {
        if (origin === `${scheme}//${asked.toLowerCase()}` || listed.has(origin)) return;
        throw new KosError(
          "FORBIDDEN",
          "Pages of that origin may not call this node. List it under listen.allowed_origins if it is yours.",
        );
      }
      if (!OWN_SITES.includes(fetchSite) && !(opensPage && isNavigation)) {
        throw new KosError("FORBIDDEN", "Pages of another origin may not call this node.");
      }
    },
    isListed: (origin): origin is string => origin !== undefined && listed.has(origin),
  };
}
