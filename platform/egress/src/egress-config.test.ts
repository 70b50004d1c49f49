import { isKosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveEgressConfig } from "./egress-config.ts";
import { canonicalHost, hostKey, parseHostEntry } from "./host-entry.ts";

function problemsOf(input: unknown): readonly string[] {
  try {
    resolveEgressConfig(input);
  } catch (error) {
    if (isKosError(error, "BAD_REQUEST")) return error.details?.["problems"] as readonly string[];
    throw error;
  }
  return [];
}

describe("resolveEgressConfig", () => {
  it("[E23] without input opens nothing but ports 80 and 443 of public hosts", () => {
    const config = resolveEgressConfig();
    expect([...config.ports]).toEqual([80, 443]);
    expect([config.allowHosts.size, config.idempotentHosts.size]).toEqual([0, 0]);
    expect([config.maxRedirects, config.maxBytes, config.timeoutMs]).toEqual([5, 10_485_760, 30_000]);
  });

  it("[E23] takes lists and the environment's comma-separated text alike, in any spelling of a host", () => {
    const list = resolveEgressConfig({ allow_hosts: ["Models.LAN:11434", "[FD12:0::1]:8080", "0x7f.1:3000", "bücher.example:80"] });
    expect([...list.allowHosts]).toEqual(["models.lan:11434", "[fd12::1]:8080", "127.0.0.1:3000", "xn--bcher-kva.example:80"]);
    const text = resolveEgressConfig({
      allow_hosts: " models.lan:11434 , [fd12::1]:8080,",
      idempotent_hosts: "api.example=60,pay.example:8443",
    });
    expect([...text.allowHosts]).toEqual(["models.lan:11434", "[fd12::1]:8080"]);
    expect([...text.idempotentHosts]).toEqual([
      ["api.example", 60_000],
      ["pay.example:8443", 86_400_000],
    ]);
  });

  it("[E23] reports every entry that is not one host and port, with its path", () => {
    const entries = [
      "models.lan",
      "*.lan:80",
      "10.0.0.0/8:80",
      "http://a:80",
      "a:0",
      "a:65536",
      "user@a:80",
      "::1:80",
      "",
      "a:80/x",
      "[fe80::1%eth0]:80",
    ];
    const problems = problemsOf({ allow_hosts: entries, idempotent_hosts: ["a=0", "a=x", "a=", "a=1=2", "="] });
    expect(problems).toHaveLength(entries.length + 5);
    expect(problems[0]).toContain("egress.allow_hosts.0");
  });

  it("[E23] refuses unknown keys, wrong types and limits that contradict each other", () => {
    expect(problemsOf({ allow_host: [] })[0]).toContain("egress");
    expect(problemsOf({ max_redirects: 6 })[0]).toContain("egress.max_redirects");
    expect(problemsOf({ ports: ["80"] })[0]).toContain("egress.ports.0");
    expect(problemsOf(null)).not.toEqual([]);
    expect(problemsOf({ timeout_ms: 5000, max_timeout_ms: 1000 })[0]).toContain("egress.timeout_ms");
  });
});

describe("a host entry", () => {
  it("means the same host and port as the URL it was taken from", () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (text, port) => {
        const entry = parseHostEntry(`${text.toUpperCase()}:${port}`);
        const canonical = canonicalHost(text);
        expect(entry).toEqual({ host: canonical, port });
        expect(parseHostEntry(hostKey(canonical ?? "", port))).toEqual(entry);
      }),
    );
  });

  it("is one or none, for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const entry = parseHostEntry(text);
        if (entry !== undefined) expect(entry.host).toMatch(/^[^\s/?#@*%,=[\]]+$/);
      }),
    );
  });
});
