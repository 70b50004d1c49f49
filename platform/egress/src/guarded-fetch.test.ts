// Requests, TLS and redirects through the guard, on real sockets.

import { once } from "node:events";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { selfSignedCertificate } from "./certificate.fixture.ts";
import { resolveEgressConfig } from "./egress-config.ts";
import { failureOf } from "./failure.fixture.ts";
import { fetchFrom, fetchRaw, get, NAMES, textOf } from "./guarded-fetch.fixture.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { type FakeNetwork, fakeNetwork } from "./network.fixture.ts";
import { type Answer, httpServer, rawServer } from "./server.fixture.ts";

describe("a request", () => {
  it("arrives with its method, headers and body, and gives back the answer", async () => {
    const { response, seen } = await fetchFrom(
      (_seen, reply) => reply.writeHead(201, { "x-answer": "yes", "set-cookie": ["a=1", "b=2"] }).end("made"),
      get("http://one.example/things?x=1", {
        method: "POST",
        headers: { "X-Token": "t", "content-type": "text/plain" },
        body: Buffer.from("hello"),
      }),
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/things?x=1", body: "hello" });
    expect(seen[0]?.headers).toMatchObject({
      host: "one.example",
      "x-token": "t",
      "content-length": "5",
      connection: "close",
      accept: "*/*",
    });
    expect(response).toMatchObject({ status: 201, url: "http://one.example/things?x=1", redirects: [], wireBytes: 4, truncated: false });
    expect(response.headers).toEqual(
      expect.arrayContaining([
        ["x-answer", "yes"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]),
    );
    expect(textOf(response)).toBe("made");
  });

  it("[E9] gives a redirect as the answer where the caller follows it itself", async () => {
    const { response, seen } = await fetchFrom(
      (_seen, reply) => reply.writeHead(302, { location: "http://127.0.0.1/" }).end("moved"),
      get("http://one.example/old", { redirect: "manual" }),
    );
    expect(response).toMatchObject({ status: 302, url: "http://one.example/old", redirects: [], bodySkipped: true, wireBytes: 0 });
    expect(response.headers).toContainEqual(["location", "http://127.0.0.1/"]);
    expect(seen).toHaveLength(1);
  });

  it("[E15] a body that is not wanted is not read, however long it says it is", async () => {
    const asked: unknown[] = [];
    const response = await fetchRaw(
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 999999999999\r\n\r\nabc"),
      get("http://one.example/", { wantBody: (status, headers) => (asked.push([status, headers[0]]), false) }),
    );
    expect(response).toMatchObject({ status: 200, bodySkipped: true, wireBytes: 0, truncated: false });
    expect(asked).toEqual([[200, ["content-type", "video/mp4"]]]);
  });

  it("[E8] opens a connection of its own each time and leaves none behind", async () => {
    const closed: Promise<unknown>[] = [];
    await using server = await rawServer((socket) => {
      closed.push(once(socket, "close"));
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok");
    });
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    await fetch(get("http://one.example/"));
    await fetch(get("http://one.example/"));
    expect(network.dials).toHaveLength(2);
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
    expect(network.armedTimers()).toEqual([]);
  });

  it("[E13] cannot set what belongs to the framing or the connection", async () => {
    for (const name of ["Host", "content-length", "Transfer-Encoding", "connection", "upgrade", "expect", "te", "proxy-authorization"]) {
      const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES }));
      expect(await failureOf(fetch(get("http://one.example/", { headers: { [name]: "x" } })))).toMatchObject({
        code: "POLICY_DENIED",
        details: { rule: "E13" },
      });
    }
  });

  it("[E1] has one of the known methods", async () => {
    const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES }));
    for (const method of ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nx: y", ""]) {
      expect((await failureOf(fetch(get("http://one.example/", { method: method as "GET" })))).code).toBe("BAD_REQUEST");
    }
  });

  it("runs beforeSend on an open connection, before the first byte, and sends nothing when it fails", async () => {
    await using server = await httpServer((_seen, reply) => reply.end("ok"));
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    const order: string[] = [];
    await fetch(
      get("http://one.example/", {
        beforeSend: async (hop) => {
          order.push(`${hop.method} ${hop.url.href} dialled ${network.dials.length} seen ${server.seen.length}`);
        },
      }),
    );
    expect(order).toEqual(["GET http://one.example/ dialled 1 seen 0"]);
    const refusal = new KosError("CONFLICT", "fenced");
    expect(await failureOf(fetch(get("http://one.example/", { beforeSend: () => Promise.reject(refusal) })))).toBe(refusal);
    expect(server.seen).toHaveLength(1);
  });
});

describe("a name or connection that fails", () => {
  it("is UNAVAILABLE, retryable, with its reason", async () => {
    await using gone = await rawServer(() => {});
    await gone[Symbol.asyncDispose]();
    const fetch = createGuardedFetch(
      resolveEgressConfig(),
      fakeNetwork({ names: { ...NAMES, "empty.example": [[]] }, routes: { "*": gone.port } }),
    );
    expect(await failureOf(fetch(get("http://nowhere.example/")))).toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
      details: { reason: "dns" },
    });
    expect(await failureOf(fetch(get("http://empty.example/")))).toMatchObject({ code: "UNAVAILABLE", details: { reason: "dns" } });
    expect(await failureOf(fetch(get("http://one.example/")))).toMatchObject({ code: "UNAVAILABLE", details: { reason: "refused" } });
  });

  it("is UNAVAILABLE when the other side closes without an answer or answers something else", async () => {
    for (const answer of [
      "",
      "220 smtp.example ESMTP\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ]) {
      expect((await failureOf(fetchRaw((socket) => socket.end(answer), get("http://one.example/")))).code).toBe("UNAVAILABLE");
    }
  });

  it("is never tried a second time on its own", async () => {
    let connections = 0;
    await using server = await rawServer((socket) => {
      connections++;
      socket.destroy();
    });
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    await failureOf(createGuardedFetch(resolveEgressConfig(), network)(get("http://one.example/")));
    expect([connections, network.dials.length]).toEqual([1, 1]);
  });
});

describe("a connection that is gone before the request", () => {
  it("[E8] is not opened again", async () => {
    await using server = await rawServer(() => {});
    const base = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const network: FakeNetwork = { ...base, connect: async (endpoint, signal) => (await base.connect(endpoint, signal)).destroy() };
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    expect((await failureOf(fetch(get("http://one.example/")))).code).toBe("UNAVAILABLE");
    expect(network.dials).toHaveLength(1);
  });
});

describe("TLS", () => {
  const certificate = selfSignedCertificate("one.example");

  it("[E8] is checked against the name in the URL, on the vetted address", async () => {
    await using server = await httpServer((_seen, reply) => reply.end("secret"), certificate);
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port }, certificate: certificate.cert });
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    expect(textOf(await fetch(get("https://one.example/")))).toBe("secret");
    expect(await failureOf(fetch(get("https://two.example/")))).toMatchObject({ code: "UNAVAILABLE", details: { reason: "tls" } });
    expect(server.seen).toHaveLength(1);
  });

  it("with an unknown authority is refused before the request is sent", async () => {
    await using server = await httpServer((_seen, reply) => reply.end(), certificate);
    const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
    expect(await failureOf(fetch(get("https://one.example/")))).toMatchObject({ code: "UNAVAILABLE", details: { reason: "tls" } });
    expect(server.seen).toHaveLength(0);
  });

  it("[E11] is not left for plain text with credentials, and may be without", async () => {
    await using secure = await httpServer(
      (_seen, reply) => reply.writeHead(302, { location: "http://one.example/plain" }).end(),
      certificate,
    );
    await using plain = await httpServer((_seen, reply) => reply.end("plain"));
    const routes = { "one.example:443": secure.port, "one.example:80": plain.port };
    const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES, routes, certificate: certificate.cert }));
    const refusal = await failureOf(fetch(get("https://one.example/", { headers: { authorization: "Bearer x" } })));
    expect(refusal).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E11" } });
    expect(plain.seen).toHaveLength(0);
    expect(textOf(await fetch(get("https://one.example/", { headers: { accept: "text/plain" } })))).toBe("plain");
  });
});

describe("redirects", () => {
  const chain =
    (length: number): Answer =>
    (seen, reply) => {
      const step = Number(seen.url.slice(1));
      if (step < length) reply.writeHead(302, { location: `/${step + 1}` }).end();
      else reply.end("end");
    };

  it("[R86] [E9] five are followed and listed", async () => {
    const { response } = await fetchFrom(chain(5), get("http://one.example/0"));
    expect(textOf(response)).toBe("end");
    expect(response.url).toBe("http://one.example/5");
    expect(response.redirects).toEqual([0, 1, 2, 3, 4].map((step) => ({ status: 302, url: `http://one.example/${step}` })));
  });

  it("[R86] [E9] the sixth is not, so that an endless chain ends", async () => {
    await using server = await httpServer(chain(Number.POSITIVE_INFINITY));
    const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
    expect(await failureOf(fetch(get("http://one.example/0")))).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E9" } });
    expect(server.seen).toHaveLength(6);
  });

  it("[E9] a 3xx without Location, and 300 and 304, are answers", async () => {
    for (const status of [300, 302, 304]) {
      const { response } = await fetchFrom(
        (_seen, reply) => reply.writeHead(status, status === 302 ? {} : { location: "/x" }).end(),
        get("http://one.example/"),
      );
      expect(response.status).toBe(status);
    }
  });

  it("[R86] [E12] credentials and unknown headers do not go to another origin, harmless ones do", async () => {
    const headers = {
      authorization: "Bearer x",
      cookie: "a=b",
      "x-api-key": "k",
      "private-token": "p",
      "accept-language": "de",
      accept: "text/html",
    };
    const crossing: Answer = (seen, reply) =>
      (seen.headers.host === "one.example" ? reply.writeHead(302, { location: "http://two.example/" }) : reply).end();
    const { seen } = await fetchFrom(crossing, get("http://one.example/", { headers }));
    expect(seen[0]?.headers).toMatchObject(headers);
    expect(seen[1]?.headers).toMatchObject({ host: "two.example", "accept-language": "de", accept: "text/html" });
    for (const name of ["authorization", "cookie", "x-api-key", "private-token"]) expect(seen[1]?.headers).not.toHaveProperty(name);
  });

  it("[E12] credentials stay gone when a third hop leads back", async () => {
    const pingPong: Answer = (seen, reply) => {
      if (seen.headers.host === "two.example") reply.writeHead(302, { location: "http://one.example/back" }).end();
      else if (seen.url === "/") reply.writeHead(302, { location: "http://two.example/" }).end();
      else reply.end();
    };
    const { seen } = await fetchFrom(pingPong, get("http://one.example/", { headers: { authorization: "Bearer x" } }));
    expect(seen.map((hop) => [hop.headers.host, hop.headers.authorization])).toEqual([
      ["one.example", "Bearer x"],
      ["two.example", undefined],
      ["one.example", undefined],
    ]);
  });

  it.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
    [302, "PATCH", "PATCH"],
    [302, "HEAD", "HEAD"],
    [303, "HEAD", "HEAD"],
  ] as const)("[E12] %i makes of %s within one origin a %s, with or without its body", async (status, method, then) => {
    const { seen } = await fetchFrom(
      (hop, reply) => (hop.url === "/a" ? reply.writeHead(status, { location: "/b" }) : reply).end(),
      get("http://one.example/a", {
        method,
        headers: { "content-type": "text/plain", "idempotency-key": "k" },
        ...(method !== "HEAD" && { body: Buffer.from("x") }),
      }),
    );
    expect(seen[1]).toMatchObject({ method: then, body: then === "GET" || then === "HEAD" ? "" : "x" });
    expect(seen[1]?.headers["content-type"]).toBe(then === "GET" ? undefined : "text/plain");
    expect(seen[1]?.headers["idempotency-key"]).toBe(then === "GET" ? undefined : "k");
  });

  it.each([307, 308] as const)("[E10] %i does not carry a body to another origin", async (status) => {
    await using server = await httpServer((_seen, reply) => reply.writeHead(status, { location: "http://two.example/" }).end());
    const fetch = createGuardedFetch(resolveEgressConfig(), fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
    const refusal = await failureOf(fetch(get("http://one.example/", { method: "POST", body: Buffer.from("x") })));
    expect(refusal).toMatchObject({ code: "POLICY_DENIED", details: { rule: "E10" } });
    expect(server.seen).toHaveLength(1);
  });
});
