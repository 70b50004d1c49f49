// Reads the `host:port` entries of the egress configuration into the one spelling that URLs are compared with.

export interface HostEntry {
  /** As WHATWG URL spells it: lower case, punycode, IPv4 in dotted decimal, IPv6 compressed and without brackets, no trailing dot. */
  readonly host: string;
  readonly port: number | undefined;
}

const ENTRY = /^(?<host>\[[^\]]*\]|[^:[\]]+)(?::(?<port>[0-9]{1,5}))?$/;
const MAX_PORT = 65_535;

/** Undefined where the text is not one host with an optional port: no scheme, path, wildcard, network or user. */
export function parseHostEntry(text: string): HostEntry | undefined {
  const groups = ENTRY.exec(text.trim())?.groups;
  const host = canonicalHost(groups?.["host"] ?? "");
  if (host === undefined) return undefined;
  const portText = groups?.["port"];
  if (portText === undefined) return { host, port: undefined };
  const port = Number(portText);
  return port >= 1 && port <= MAX_PORT ? { host, port } : undefined;
}

/** The canonical spelling of a host as a person or a URL writes it; undefined where it is none. */
export function canonicalHost(text: string): string | undefined {
  if (text === "" || /[\s/\\?#@*%,=]/.test(text)) return undefined;
  const url = URL.parse(`http://${text}/`);
  return url === null ? undefined : bareHost(url);
}

/** A URL's host without IPv6 brackets and without one trailing dot. Undefined for an empty host or an empty label. */
export function bareHost(url: URL): string | undefined {
  if (url.hostname.startsWith("[")) return url.hostname.slice(1, -1);
  const host = url.hostname.endsWith(".") ? url.hostname.slice(0, -1) : url.hostname;
  return host.split(".").includes("") ? undefined : host;
}

/** The key under which a host and port are looked up. */
export function hostKey(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
