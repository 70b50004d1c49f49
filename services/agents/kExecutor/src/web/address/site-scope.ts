// Which addresses belong to a site. It knows nothing of robots or patterns.

export const SITE_SCOPES = ["origin", "host", "domain"] as const;
export type SiteScope = (typeof SITE_SCOPES)[number];

/**
 * origin: the same scheme, host and port. host: also http for https and back on their own ports, and with or without www. domain: also every
 * host below the one of the start.
 */
export function createSiteScope(start: string, scope: SiteScope): (address: string) => boolean {
  const home = new URL(start);
  const host = bareOf(home);
  const suffix = `.${host}`;
  return (address) => {
    const url = URL.parse(address);
    if (url === null) return false;
    if (url.origin === home.origin) return true;
    if (scope === "origin" || !isPlainPort(url) || !isPlainPort(home)) return false;
    return bareOf(url) === host || (scope === "domain" && url.hostname.endsWith(suffix));
  };
}

function bareOf(url: URL): string {
  return url.hostname.startsWith("www.") ? url.hostname.slice(4) : url.hostname;
}

/** An odd port is another service, whatever its host is called. */
function isPlainPort(url: URL): boolean {
  return url.port === "";
}
