// Decides whether a URL and the addresses behind it may be reached. Pure: it resolves nothing and connects to nothing.

import { isIP } from "node:net";
import { type AddressKind, classifyAddress } from "./address-guard.ts";
import type { EgressConfig } from "./egress-config.ts";
import { badRequest, denied } from "./egress-error.ts";
import { bareHost, hostKey } from "./host-entry.ts";

export interface EgressTarget {
  /** Without fragment and without a trailing dot in the host. */
  readonly url: URL;
  /** Without brackets: a name to resolve, or an address when `literal`. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly literal: boolean;
  /** An entry of egress.allow_hosts names this host and port. */
  readonly opened: boolean;
}

/** `inside`: at least one address is not public and was reached only because the owner opened it. */
export type Reach = "public" | "inside";

const SCHEMES: ReadonlyMap<string, number> = new Map([
  ["http:", 80],
  ["https:", 443],
]);

/** What an entry that names a host opens: the owner knows the name, but not each address its DNS may answer one day. */
const OPENED_BY_NAME: ReadonlySet<AddressKind> = new Set(["loopback", "private", "shared", "unique_local", "on_link"]);
/** No entry opens these: they are not addresses of one host. */
const NEVER_OPENED: ReadonlySet<AddressKind> = new Set(["unspecified", "multicast", "broadcast", "invalid"]);

/** Errors: BAD_REQUEST for text that is no URL; POLICY_DENIED by rules E1 to E4. */
export function checkUrl(input: string, config: EgressConfig, base?: URL): EgressTarget {
  if (input.length > config.maxUrlLength) {
    throw denied("E4", `The URL is ${input.length} characters long; at most ${config.maxUrlLength} are sent.`);
  }
  const url = URL.parse(input, base?.href);
  if (url === null) throw badRequest("The URL cannot be read: give an absolute one, for example https://example.com/path.");
  const defaultPort = SCHEMES.get(url.protocol);
  if (defaultPort === undefined) throw denied("E1", `The scheme ${url.protocol} is not allowed: only http: and https: are.`);
  if (url.username !== "" || url.password !== "") {
    throw denied("E2", "The URL holds a user name or password: send credentials in a header instead.");
  }
  const host = bareHost(url);
  if (host === undefined) throw badRequest("The URL's host has an empty label.");
  if (url.hostname.endsWith(".")) url.hostname = host;
  url.hash = "";
  if (url.href.length > config.maxUrlLength) {
    throw denied("E4", `The URL is ${url.href.length} characters long; at most ${config.maxUrlLength} are sent.`);
  }
  const port = url.port === "" ? defaultPort : Number(url.port);
  const opened = config.allowHosts.has(hostKey(host, port));
  if (!opened && !config.ports.has(port)) {
    throw denied(
      "E3",
      `Port ${port} is not open for requests. The owner may open it with egress.allow_hosts, entry "${hostKey(host, port)}".`,
    );
  }
  return { url, host, port, secure: url.protocol === "https:", literal: isIP(host) !== 0, opened };
}

/**
 * Every address must pass, or none is used. Errors: POLICY_DENIED by rule E5 or E6; the message names the kind of address and how
 * the owner may open it, not the address: what an internal name resolves to is not told to whoever sent the URL.
 */
export function vetAddresses(target: EgressTarget, addresses: readonly string[], localAddresses: readonly string[]): Reach {
  let reach: Reach = "public";
  for (const address of addresses) {
    const { kind, range } = classifyAddress(address, localAddresses);
    if (kind === "public") continue;
    reach = "inside";
    if (target.opened && isOpenable(kind, target.literal)) continue;
    const entry = hostKey(target.host, target.port);
    const where = target.literal ? `${entry} is` : `${entry} resolves to`;
    const what = `a ${kind.replaceAll("_", " ")} address${range === "" ? "" : ` (${range})`}`;
    throw denied(target.opened ? "E6" : "E5", `Blocked: ${where} ${what}. ${openingHint(kind, entry, target)}`);
  }
  return reach;
}

function isOpenable(kind: AddressKind, literal: boolean): boolean {
  return literal ? !NEVER_OPENED.has(kind) : OPENED_BY_NAME.has(kind);
}

function openingHint(kind: AddressKind, entry: string, target: EgressTarget): string {
  if (NEVER_OPENED.has(kind)) return "No setting opens it.";
  if (isOpenable(kind, target.literal)) return `The owner may open it with egress.allow_hosts, entry "${entry}".`;
  return "An entry with a name does not open it; only an egress.allow_hosts entry with the address itself would, and a URL that uses it.";
}
