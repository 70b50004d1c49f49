import { BlockList, isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyAddress } from "./address-guard.ts";

const CASES: readonly (readonly [address: string, kind: string])[] = [
  ["0.0.0.0", "unspecified"],
  ["0.1.2.3", "unspecified"],
  ["10.0.0.1", "private"],
  ["10.255.255.255", "private"],
  ["100.64.0.1", "shared"],
  ["100.127.255.255", "shared"],
  ["100.100.100.200", "metadata"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.254", "loopback"],
  ["168.63.129.16", "metadata"],
  ["169.254.169.254", "metadata"],
  ["169.254.170.2", "metadata"],
  ["169.254.0.1", "link_local"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.1", "reserved"],
  ["192.0.0.192", "metadata"],
  ["192.0.2.1", "documentation"],
  ["192.88.99.1", "embedded"],
  ["192.168.0.1", "private"],
  ["198.18.0.1", "benchmarking"],
  ["198.19.255.255", "benchmarking"],
  ["198.51.100.7", "documentation"],
  ["203.0.113.7", "documentation"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::2", "embedded"],
  ["::127.0.0.1", "embedded"],
  ["::7f00:1", "embedded"],
  ["::ffff:127.0.0.1", "embedded"],
  ["::ffff:8.8.8.8", "embedded"],
  ["::ffff:0:127.0.0.1", "embedded"],
  ["64:ff9b::127.0.0.1", "embedded"],
  ["64:ff9b::8.8.8.8", "embedded"],
  ["64:ff9b:1::a00:1", "embedded"],
  ["64:ff9b:1:ffff::1", "embedded"],
  ["100::1", "reserved"],
  ["2001::1", "embedded"],
  ["2001:0:7f00:1::", "embedded"],
  ["2001:2::1", "benchmarking"],
  ["2001:10::1", "reserved"],
  ["2001:20::1", "reserved"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::", "embedded"],
  ["2002:a00:1::1", "embedded"],
  ["3fff::1", "documentation"],
  ["4000::1", "reserved"],
  ["5f00::1", "reserved"],
  ["fc00::1", "unique_local"],
  ["fd12:3456::1", "unique_local"],
  ["fd00:ec2::254", "metadata"],
  ["fe80::1", "link_local"],
  ["fe80::1%eth0", "link_local"],
  ["fe80::1%1", "link_local"],
  ["fec0::1", "link_local"],
  ["ff02::1", "multicast"],
  ["1.1.1.1", "public"],
  ["8.8.8.8", "public"],
  ["9.255.255.255", "public"],
  ["11.0.0.0", "public"],
  ["100.63.255.255", "public"],
  ["100.128.0.0", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.0", "public"],
  ["198.17.255.255", "public"],
  ["198.20.0.0", "public"],
  ["223.255.255.255", "public"],
  ["2606:4700:4700::1111", "public"],
  ["2a00:1450:4001:80b::200e", "public"],
  ["2001:200::1", "public"],
];

describe("classifyAddress", () => {
  it.each(CASES)("[R87] %s is %s", (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind);
  });

  it.each([
    "",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "017700000001",
    "2130706433",
    "127.0.0.1.",
    " 1.1.1.1",
    "[::1]",
    "1.1.1.1/8",
    "fe80::1%en-0",
    "1.1.1.1%0",
    "::ffff:1.1.1.1.1",
    "g::1",
  ])("[R87] text that is no canonical address is invalid: %j", (text) => {
    expect(classifyAddress(text).kind).toBe("invalid");
  });

  it("never throws, and calls nothing public but an address", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV4(),
          fc.ipV6(),
          fc.ipV4Extended(),
          fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%x".split("")) }),
        ),
        (text) => {
          const { kind } = classifyAddress(text);
          if (kind === "public") expect(isIPv4(text) || isIPv6(text)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("[R87] an IPv4 address inside an IPv6 address is never public, whatever it is", () => {
    const prefixes = ["::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"];
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(...prefixes), (address, prefix) => {
        expect(classifyAddress(`${prefix}${address}`).kind).not.toBe("public");
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
        expect(classifyAddress(`2002:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::1`).kind).toBe("embedded");
        expect(classifyAddress(`2001:0:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::1`).kind).toBe("embedded");
      }),
    );
  });

  it("agrees with node:net's BlockList, filled with the same special ranges, on any IPv4 address", () => {
    const oracle = new BlockList();
    const ranges =
      "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 168.63.129.16/32";
    for (const range of ranges.split(" ")) {
      const [network = "", bits] = range.split("/");
      oracle.addSubnet(network, Number(bits), "ipv4");
    }
    const nearEdges = fc
      .constantFrom(...ranges.split(" ").map((range) => range.split("/")[0] ?? ""))
      .chain((network) => fc.integer({ min: -2, max: 300 }).map((offset) => shift(network, offset)));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), nearEdges), (address) => {
        expect(classifyAddress(address).kind !== "public").toBe(oracle.check(address, "ipv4"));
      }),
      { numRuns: 3000 },
    );
  });

  it("an IPv6 address outside 2000::/3 is never public", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        fc.pre(!address.includes("."));
        const first = Number.parseInt(address.startsWith("::") ? "0" : (address.split(":")[0] ?? ""), 16);
        if (first >> 13 !== 1) expect(classifyAddress(address).kind).not.toBe("public");
      }),
      { numRuns: 2000 },
    );
  });

  it("[R87] this machine's own public addresses and its IPv6 subnets are on_link", () => {
    const own = ["93.184.215.14", "2a01:4f8:1:2::5", "fe80::9%eth0"];
    expect(classifyAddress("93.184.215.14", own).kind).toBe("on_link");
    expect(classifyAddress("93.184.215.15", own).kind).toBe("public");
    expect(classifyAddress("2a01:4f8:1:2:aaaa::1", own).kind).toBe("on_link");
    expect(classifyAddress("2a01:4f8:1:3::1", own).kind).toBe("public");
    expect(classifyAddress("10.0.0.1", own).kind).toBe("private");
  });
});

function shift(address: string, offset: number): string {
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const shifted = (value + offset + 2 ** 32) % 2 ** 32;
  return [24, 16, 8, 0].map((bits) => Math.floor(shifted / 2 ** bits) % 256).join(".");
}
