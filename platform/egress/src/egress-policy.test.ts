import { isKosError, type KosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveEgressConfig } from "./egress-config.ts";
import { checkUrl, vetAddresses } from "./egress-policy.ts";

const config = resolveEgressConfig();

function refusalOf(action: () => unknown): KosError {
  try {
    action();
  } catch (error) {
    if (isKosError(error)) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("checkUrl", () => {
  it.each([
    "file:///etc/passwd",
    "gopher://example.com:70/1",
    "ftp://example.com/",
    "ws://example.com/",
    "data:text/plain,hi",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "dict://127.0.0.1:6379/info",
    "ldap://127.0.0.1/",
    "jar:http://example.com!/",
    "blob:http://example.com/1",
  ])("[E1] [R88] only http and https: %s", (url) => {
    expect(refusalOf(() => checkUrl(url, config))).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E1" } });
  });

  it.each(["http://user@example.com/", "http://user:secret@example.com/", "http://:secret@example.com/", "http://example.com@10.0.0.1/"])(
    "[E2] no credentials in a URL, and the message does not repeat them: %s",
    (url) => {
      const refusal = refusalOf(() => checkUrl(url, config));
      expect(refusal).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E2" } });
      expect(refusal.message).not.toContain("secret");
    },
  );

  it.each([1, 22, 25, 79, 81, 444, 3306, 5432, 6379, 8080, 9200, 11211, 65_535])(
    "[E3] [R88] port %i is closed until the owner opens it",
    (port) => {
      const url = `http://example.com:${port}/`;
      const refusal = refusalOf(() => checkUrl(url, config));
      expect(refusal).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E3" } });
      expect(refusal.message).toContain(`egress.allow_hosts, entry "example.com:${port}"`);
      expect(checkUrl(url, resolveEgressConfig({ allow_hosts: [`example.com:${port}`] })).port).toBe(port);
      expect(checkUrl(url, resolveEgressConfig({ ports: [port] })).port).toBe(port);
    },
  );

  it("[E3] an entry opens its own host and port and no other", () => {
    const opened = resolveEgressConfig({ allow_hosts: "example.com:8080" });
    expect(checkUrl("http://EXAMPLE.com.:8080/", opened).opened).toBe(true);
    expect(checkUrl("http://example.com/", opened).opened).toBe(false);
    for (const url of [
      "http://example.com:8081/",
      "http://www.example.com:8080/",
      "http://example.com.evil.net:8080/",
      "http://xexample.com:8080/",
    ]) {
      expect(refusalOf(() => checkUrl(url, opened)).code).toBe("POLICY_DENIED");
    }
  });

  it("[E4] an overlong URL is refused, also where it only gets long by being encoded", () => {
    const short = resolveEgressConfig({ max_url_length: 100 });
    expect(refusalOf(() => checkUrl(`http://example.com/${"a".repeat(100)}`, short)).details).toEqual({ rule: "E4" });
    expect(refusalOf(() => checkUrl(`http://example.com/${"é".repeat(60)}`, short)).details).toEqual({ rule: "E4" });
    expect(checkUrl(`http://example.com/${"a".repeat(50)}`, short).host).toBe("example.com");
  });

  it.each([
    "",
    "example.com",
    "//example.com/",
    "http://",
    "http://a b/",
    "http://[::1",
    "http://[fe80::1%25eth0]/",
    "http://256.1.1.1/",
    "http://a..b/",
    "http://.a/",
    "http://a../",
  ])("[E1] text that is no URL is a bad request: %j", (url) => {
    expect(refusalOf(() => checkUrl(url, config)).code).toBe("BAD_REQUEST");
  });

  it("drops fragments and one trailing dot, and keeps the rest", () => {
    const target = checkUrl("https://Example.COM./a?b=c#d", config);
    expect(target).toMatchObject({ host: "example.com", port: 443, secure: true, literal: false, opened: false });
    expect(target.url.href).toBe("https://example.com/a?b=c");
  });

  it("[E1] refuses with a KosError or gives a target whose host and port are those of its URL, for any text", () => {
    const text = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.tuple(fc.constantFrom("http://", "https://", "http:\\\\"), fc.string()).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (url) => {
        try {
          const target = checkUrl(url, config);
          expect([80, 443]).toContain(target.port);
          expect(target.url.username + target.url.password + target.url.hash).toBe("");
          expect(["http:", "https:"]).toContain(target.url.protocol);
        } catch (error) {
          expect(isKosError(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("vetAddresses", () => {
  const vet = (url: string, addresses: readonly string[], allow: readonly string[] = []) => {
    const opened = resolveEgressConfig({ allow_hosts: allow });
    return vetAddresses(checkUrl(url, opened), addresses, []);
  };

  it("[E5] [R85] one blocked address among many refuses them all", () => {
    const mixed = ["93.184.215.14", "2606:4700:4700::1111", "10.0.0.1"];
    expect(refusalOf(() => vet("http://example.com/", mixed)).details).toEqual({ rule: "E5" });
    expect(refusalOf(() => vet("http://example.com/", mixed.toReversed())).details).toEqual({ rule: "E5" });
    expect(vet("http://example.com/", mixed.slice(0, 2))).toBe("public");
  });

  it("[E5] the refusal names the kind of address and the entry that opens it, not the address", () => {
    const { message } = refusalOf(() => vet("http://db.corp/", ["10.1.2.3"]));
    expect(message).toContain("private address (10.0.0.0/8)");
    expect(message).toContain('egress.allow_hosts, entry "db.corp:80"');
    expect(message).not.toContain("10.1.2.3");
  });

  it("[E6] [R90] an entry with a name opens loopback and private addresses of that name and port", () => {
    for (const address of ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.20", "100.64.3.4", "fd12::1"]) {
      expect(vet("http://models.lan:11434/", [address], ["models.lan:11434"])).toBe("inside");
      expect(refusalOf(() => vet("http://models.lan/", [address], ["models.lan:11434"])).details).toEqual({ rule: "E5" });
    }
  });

  it("[E6] an entry with a name never opens metadata, link-local or embedded addresses that its DNS may answer", () => {
    for (const address of [
      "169.254.169.254",
      "fd00:ec2::254",
      "169.254.1.1",
      "fe80::1%eth0",
      "::ffff:127.0.0.1",
      "64:ff9b::7f00:1",
      "0.0.0.0",
      "224.0.0.1",
      "garbage",
    ]) {
      expect(refusalOf(() => vet("http://models.lan:11434/", [address], ["models.lan:11434"])).details).toEqual({ rule: "E6" });
    }
  });

  it("[E6] an entry with an address opens that address, but nothing opens the unspecified one or a group", () => {
    expect(vet("http://169.254.169.254/", ["169.254.169.254"], ["169.254.169.254:80"])).toBe("inside");
    expect(vet("http://[fd12::1]:8080/", ["fd12::1"], ["[fd12::1]:8080"])).toBe("inside");
    for (const address of ["0.0.0.0", "224.0.0.1", "255.255.255.255"]) {
      expect(refusalOf(() => vet(`http://${address}/`, [address], [`${address}:80`])).message).toContain("No setting opens it");
    }
  });
});
