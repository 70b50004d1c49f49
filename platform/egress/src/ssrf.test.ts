// Every trick to reach an inside address, tried against a listener that counts who comes.

import { isKosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { resolveEgressConfig } from "./egress-config.ts";
import { createGuardedFetch, type FetchRequest } from "./guarded-fetch.ts";
import { INSIDE_URLS } from "./inside-urls.fixture.ts";
import { type FakeNetworkOptions, fakeNetwork, PUBLIC_ADDRESS } from "./network.fixture.ts";
import { type Canary, canary, httpServer } from "./server.fixture.ts";
import { systemNetwork } from "./system-network.ts";

const request = (url: string): FetchRequest => ({ url, method: "GET", signal: new AbortController().signal });

async function outcome(fetch: ReturnType<typeof createGuardedFetch>, url: string): Promise<string> {
  try {
    await fetch(request(url));
    return "answered";
  } catch (error) {
    if (!isKosError(error)) throw error;
    return error.code;
  }
}

describe("an inside address as URL", () => {
  it("[R84] the canary would notice: with the owner's entry the plain form arrives", async () => {
    await using target = await canary();
    const config = resolveEgressConfig({ allow_hosts: [`127.0.0.1:${target.port}`], ports: [target.port] });
    expect(await outcome(createGuardedFetch(config, systemNetwork()), `http://0x7f.1:${target.port}/`)).toBe("answered");
    expect(target.hits()).toBe(1);
  });

  it("[R84] [R87] [R88] no form of it reaches the canary, with this machine's own resolver and sockets", async () => {
    await using target = await canary();
    const fetch = createGuardedFetch(resolveEgressConfig({ ports: [target.port], connect_timeout_ms: 2000 }), systemNetwork());
    for (const url of INSIDE_URLS.map((item) => item.replace("PORT", String(target.port)))) {
      expect(await outcome(fetch, url), url).toMatch(/^(POLICY_DENIED|BAD_REQUEST|UNAVAILABLE)$/);
    }
    expect(target.hits()).toBe(0);
  });

  it("[R84] [R87] nor is anything dialled, wherever the dial would have led", async () => {
    await using target = await canary();
    const network = fakeNetwork({ names: { localhost: ["127.0.0.1", "::1"] }, routes: { "*": target.port } });
    const fetch = createGuardedFetch(resolveEgressConfig({ ports: [target.port] }), network);
    for (const url of INSIDE_URLS.map((item) => item.replace("PORT", String(target.port)))) await outcome(fetch, url);
    expect(network.dials).toEqual([]);
    expect(target.hits()).toBe(0);
  });
});

describe("an inside address behind a name", () => {
  async function dialsFor(names: FakeNetworkOptions["names"], url: string, times = 1): Promise<readonly string[]> {
    await using target = await canary();
    const network = fakeNetwork({ ...(names && { names }), routes: { "*": target.port } });
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    const outcomes: string[] = [];
    for (let time = 0; time < times; time++) outcomes.push(await outcome(fetch, url));
    expect(target.hits()).toBe(network.dials.length);
    return [...outcomes, ...network.dials.flatMap((dial) => dial.addresses)];
  }

  it.each([
    "127.0.0.1",
    "::1",
    "10.0.0.1",
    "169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "fe80::1%eth0",
    "0.0.0.0",
  ])("[R84] a name that resolves to %s is not reached", async (address) => {
    expect(await dialsFor({ "evil.example": [address] }, "http://evil.example/")).toEqual(["POLICY_DENIED"]);
  });

  it("[R85] one inside address among public ones is enough", async () => {
    for (const position of [0, 1, 2]) {
      const answers = [PUBLIC_ADDRESS, "2606:4700:4700::1111"].toSpliced(position, 0, "127.0.0.1");
      expect(await dialsFor({ "evil.example": answers }, "http://evil.example/")).toEqual(["POLICY_DENIED"]);
    }
  });

  it("[R85] [E8] a name that turns from public to inside is connected at the vetted address only, and refused at the next request", async () => {
    const names = { "evil.example": [[PUBLIC_ADDRESS], ["127.0.0.1"]] };
    expect(await dialsFor(names, "http://evil.example/")).toEqual(["answered", PUBLIC_ADDRESS]);
    expect(await dialsFor(names, "http://evil.example/", 3)).toEqual(["answered", "POLICY_DENIED", "POLICY_DENIED", PUBLIC_ADDRESS]);
  });

  it("[R85] [E8] a name is looked up once for each hop", async () => {
    await using server = await httpServer((_seen, response) => response.end("ok"));
    const network = fakeNetwork({ names: { "example.com": [PUBLIC_ADDRESS] }, routes: { "*": server.port } });
    await createGuardedFetch(resolveEgressConfig(), network)(request("http://example.com/"));
    expect(network.lookups).toEqual(["example.com"]);
    expect(network.dials).toEqual([{ host: "example.com", port: 80, secure: false, addresses: [PUBLIC_ADDRESS] }]);
  });

  it("[R87] this machine's own public address is inside", async () => {
    const network = fakeNetwork({ names: { "me.example": [PUBLIC_ADDRESS] }, localAddresses: [PUBLIC_ADDRESS] });
    expect(await outcome(createGuardedFetch(resolveEgressConfig(), network), "http://me.example/")).toBe("POLICY_DENIED");
    expect(network.dials).toEqual([]);
  });
});

describe("a redirect to an inside address", () => {
  const config = resolveEgressConfig({ allow_hosts: ["models.lan:11434", "127.0.0.1:11434"] });

  async function follow(location: string, target: Canary): Promise<readonly string[]> {
    await using server = await httpServer((_seen, response) => response.writeHead(302, { location }).end());
    const names = { "example.com": [PUBLIC_ADDRESS], "evil.example": ["10.0.0.1"], "models.lan": ["192.168.1.20"] };
    const network = fakeNetwork({ names, routes: { "example.com:80": server.port, "*": target.port } });
    const result = await outcome(createGuardedFetch(config, network), "http://example.com/");
    return [result, ...network.dials.map((dial) => dial.host)];
  }

  it.each([
    "http://127.0.0.1/",
    "http://0x7f.1/",
    "//127.0.0.1/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://evil.example/",
    "https://evil.example/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "http://user:pass@example.com/",
    "http://example.com:6379/",
  ])("[R86] is not followed: %s", async (location) => {
    await using target = await canary();
    expect(await follow(location, target)).toEqual(["POLICY_DENIED", "example.com"]);
    expect(target.hits()).toBe(0);
  });

  it.each(["http://models.lan:11434/", "http://127.0.0.1:11434/"])(
    "[R86] [E7] is not followed even where the owner opened it: %s",
    async (location) => {
      await using target = await canary();
      expect(await follow(location, target)).toEqual(["POLICY_DENIED", "example.com"]);
      expect(target.hits()).toBe(0);
    },
  );
});

describe("a link or a redirect that the caller follows itself", () => {
  const config = resolveEgressConfig({ allow_hosts: ["models.lan:11434", "intranet.lan:80"], ports: [80] });
  const names = {
    "example.com": [PUBLIC_ADDRESS],
    "models.lan": ["192.168.1.20"],
    "intranet.lan": ["192.168.1.30"],
    "gone.example": [] as string[],
  };

  it.each([
    ["http://example.com/page", "POLICY_DENIED", 0],
    ["http://intranet.lan/page", "open", 1],
    ["http://10.0.0.1/page", "POLICY_DENIED", 0],
    ["file:///etc/passwd", "POLICY_DENIED", 0],
  ] as const)("[R86] [E7] leads inside only from inside: from %s it is %s", async (via, expected, hits) => {
    await using target = await canary();
    const network = fakeNetwork({ names, routes: { "*": target.port } });
    const answer = createGuardedFetch(config, network)({ ...request("http://models.lan:11434/"), via, redirect: "manual" });
    const code = await answer.then(
      () => "open",
      (error: unknown) => (isKosError(error) ? error.code : "other"),
    );
    expect([code, target.hits()]).toEqual([expected, hits]);
  });

  it("[E7] leads to a public host from anywhere, and where the page lies is not looked up", async () => {
    await using target = await canary();
    const network = fakeNetwork({ names, routes: { "*": target.port } });
    await createGuardedFetch(config, network)({ ...request("http://example.com/"), via: "http://gone.example/" });
    expect(network.lookups).toEqual(["example.com"]);
  });
});

describe("an inside port", () => {
  it("[R91] open, closed and filtered ones give the same answer, before anything is dialled", async () => {
    await using open = await canary();
    const closed = await canary();
    await closed[Symbol.asyncDispose]();
    const network = fakeNetwork({ names: { "probe.example": ["127.0.0.1"] } });
    const filtered = 9;
    const ports = [open.port, closed.port, filtered];
    const fetch = createGuardedFetch(resolveEgressConfig({ ports }), network);
    for (const host of ["127.0.0.1", "10.255.255.1", "probe.example"]) {
      const answers: unknown[] = [];
      for (const port of ports) {
        const error: unknown = await fetch(request(`http://${host}:${port}/`)).catch((reason: unknown) => reason);
        if (!isKosError(error)) throw error;
        answers.push({
          code: error.code,
          details: error.details,
          message: error.message.replaceAll(String(port), "PORT"),
          retryable: error.retryable,
        });
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    }
    expect(network.dials).toEqual([]);
    expect(open.hits()).toBe(0);
  });

  it("[R91] no timer is left and none has to pass", async () => {
    const network = fakeNetwork();
    await outcome(createGuardedFetch(resolveEgressConfig(), network), "http://10.0.0.1/");
    expect(network.armedTimers()).toEqual([]);
  });
});
