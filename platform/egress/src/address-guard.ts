// Classifies IP addresses: public, or the reason why not. Decides nothing about hosts, ports or what an owner has opened.

import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Every kind but `public` is blocked unless an owner's entry opens it. */
export type AddressKind =
  | "public"
  | "loopback"
  | "private"
  | "shared"
  | "unique_local"
  | "on_link"
  | "link_local"
  | "metadata"
  | "embedded"
  | "documentation"
  | "benchmarking"
  | "reserved"
  | "unspecified"
  | "multicast"
  | "broadcast"
  | "invalid";

export interface AddressClass {
  readonly kind: AddressKind;
  /** The range that decided, in CIDR notation; empty for `public` and `invalid`. */
  readonly range: string;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

interface Range {
  readonly kind: AddressKind;
  readonly range: string;
  readonly network: Address;
  readonly bits: number;
}

/** The first match decides, so narrow ranges stand above the wide ones that hold them. Source: the IANA special-purpose registries. */
const RANGE_KINDS: readonly (readonly [kind: AddressKind, range: string])[] = [
  ["metadata", "169.254.169.254/32"], // AWS, GCP, Azure, Oracle, DigitalOcean and others
  ["metadata", "169.254.170.0/24"], // AWS ECS and EKS credentials
  ["metadata", "100.100.100.200/32"], // Alibaba Cloud
  ["metadata", "192.0.0.192/32"], // Oracle Cloud, classic
  ["metadata", "168.63.129.16/32"], // Azure's host agent, inside public space
  ["metadata", "fd00:ec2::/32"], // AWS over IPv6
  ["metadata", "fd20:ce::254/128"], // GCP over IPv6
  ["unspecified", "0.0.0.0/8"],
  ["private", "10.0.0.0/8"],
  ["shared", "100.64.0.0/10"],
  ["loopback", "127.0.0.0/8"],
  ["link_local", "169.254.0.0/16"],
  ["private", "172.16.0.0/12"],
  ["reserved", "192.0.0.0/24"],
  ["documentation", "192.0.2.0/24"],
  ["reserved", "192.31.196.0/24"], // AS112
  ["reserved", "192.52.193.0/24"], // AMT
  ["embedded", "192.88.99.0/24"], // 6to4 relay anycast
  ["private", "192.168.0.0/16"],
  ["reserved", "192.175.48.0/24"], // AS112
  ["benchmarking", "198.18.0.0/15"],
  ["documentation", "198.51.100.0/24"],
  ["documentation", "203.0.113.0/24"],
  ["multicast", "224.0.0.0/4"],
  ["broadcast", "255.255.255.255/32"],
  ["reserved", "240.0.0.0/4"],
  ["unspecified", "::/128"],
  ["loopback", "::1/128"],
  ["embedded", "::/96"], // IPv4-compatible, `::127.0.0.1`
  ["embedded", "::ffff:0:0/96"], // IPv4-mapped
  ["embedded", "::ffff:0:0:0/96"], // IPv4-translated
  ["embedded", "64:ff9b::/96"], // NAT64
  ["embedded", "64:ff9b:1::/48"], // NAT64, local use
  ["unique_local", "fc00::/7"],
  ["link_local", "fe80::/10"],
  ["link_local", "fec0::/10"], // site-local, deprecated
  ["multicast", "ff00::/8"],
  ["embedded", "2001::/32"], // Teredo
  ["benchmarking", "2001:2::/48"],
  ["reserved", "2001::/23"], // IETF protocol assignments
  ["documentation", "2001:db8::/32"],
  ["embedded", "2002::/16"], // 6to4
  ["reserved", "2620:4f:8000::/48"], // AS112
  ["documentation", "3fff::/20"],
];

const RANGES: readonly Range[] = RANGE_KINDS.map(([kind, range]) => {
  const [network, bits] = ipaddr.parseCIDR(range);
  return { kind, range, network, bits };
});

/** Outside this range no IPv6 address is global unicast, whatever the table above has forgotten. */
const GLOBAL_UNICAST_V6 = "2000::/3";
const [GLOBAL_NETWORK, GLOBAL_BITS] = ipaddr.IPv6.parseCIDR(GLOBAL_UNICAST_V6);
/** The size of one IPv6 subnet: a neighbour in it is reached without a router, however global its address looks. */
const SUBNET_BITS_V6 = 64;

/**
 * Never throws. Takes canonical textual addresses as a resolver gives them, a zone id included; anything else is `invalid`.
 * `localAddresses` are this machine's own: they, and the IPv6 subnets they lie in, are `on_link` where they would pass as public.
 */
export function classifyAddress(text: string, localAddresses: readonly string[] = []): AddressClass {
  const address = parseAddress(text);
  if (address === undefined) return { kind: "invalid", range: "" };
  for (const { kind, range, network, bits } of RANGES) {
    if (isWithin(address, network, bits)) return { kind, range };
  }
  if (address.kind() === "ipv6" && !isWithin(address, GLOBAL_NETWORK, GLOBAL_BITS)) {
    return { kind: "reserved", range: `outside ${GLOBAL_UNICAST_V6}` };
  }
  for (const localText of localAddresses) {
    const local = parseAddress(localText);
    if (local === undefined) continue;
    const bits = local.kind() === "ipv4" ? 32 : SUBNET_BITS_V6;
    if (isWithin(address, local, bits)) return { kind: "on_link", range: "this machine's own network" };
  }
  return { kind: "public", range: "" };
}

function parseAddress(text: string): Address | undefined {
  // ipaddr.js also reads octal, hexadecimal and short forms; a resolver never returns them, so they are not addresses here.
  if (isIP(text) === 0) return undefined;
  try {
    return ipaddr.parse(text);
  } catch {
    return undefined; // a zone id ipaddr.js cannot read
  }
}

function isWithin(address: Address, network: Address, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
