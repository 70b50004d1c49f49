// Hosts that hang, redirect, lie and pour, against the guard on real sockets. Time passes only when a test says so.

import { once } from "node:events";
import type { Socket } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { KosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { selfSignedCertificate } from "./certificate.fixture.ts";
import { type EgressInput, resolveEgressConfig } from "./egress-config.ts";
import { createGuardedFetch, type FetchRequest, type FetchResponse } from "./guarded-fetch.ts";
import { failureOf } from "./failure.fixture.ts";
import { type FakeNetwork, fakeNetwork, PUBLIC_ADDRESS } from "./network.fixture.ts";
import { type Answer, httpServer, rawServer, type SeenRequest } from "./server.fixture.ts";

const NAMES = { "one.example": [PUBLIC_ADDRESS], "two.example": [PUBLIC_ADDRESS] };
const LIMITS = { timeout_ms: 9000, connect_timeout_ms: 1000, headers_timeout_ms: 2000, idle_timeout_ms: 3000 } as const;

function get(url: string, more: Partial<FetchRequest> = {}): FetchRequest {
  return { url, method: "GET", signal: new AbortController().signal, ...more };
}

function textOf(response: FetchResponse): string {
  return Buffer.from(response.bytes).toString();
}

/** Fetches from a server that answers every hop, whatever its host. */
async function fetchFrom(
  answer: Answer,
  request: FetchRequest,
  input: EgressInput = {},
): Promise<{ response: FetchResponse; seen: SeenRequest[] }> {
  await using server = await httpServer(answer);
  const fetch = createGuardedFetch(resolveEgressConfig(input), fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
  return { response: await fetch(request), seen: server.seen };
}

async function fetchRaw(answer: (socket: Socket) => void, request: FetchRequest, input: EgressInput = {}): Promise<FetchResponse> {
  await using server = await rawServer(answer);
  return await createGuardedFetch(resolveEgressConfig(input), fakeNetwork({ names: NAMES, routes: { "*": server.port } }))(request);
}

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

describe("a host that hangs", () => {
  async function expectTimeout(answer: (socket: Socket) => void, delayMs: number, expectedPhase: string): Promise<FakeNetwork> {
    await using server = await rawServer(answer);
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const pending = failureOf(createGuardedFetch(resolveEgressConfig(LIMITS), network)(get("http://one.example/")));
    await network.fireTimer(delayMs);
    expect(await pending).toMatchObject({ code: "TIMEOUT", retryable: true, details: { phase: expectedPhase, limit_ms: delayMs } });
    expect(network.armedTimers()).toEqual([]);
    return network;
  }

  it("[E14] before its headers is left after headers_timeout_ms", async () => {
    await expectTimeout(() => {}, 2000, "waiting for the response");
  });

  it("[E14] amid its headers is left too, and interim responses do not wake it", async () => {
    await expectTimeout(
      (socket) => socket.write("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nx-slow: "),
      2000,
      "waiting for the response",
    );
  });

  it("[E14] amid its body is left after idle_timeout_ms", async () => {
    await expectTimeout((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), 3000, "waiting for more of the body");
  });

  it("[E14] has its time between two pieces of the body counted anew with each piece", async () => {
    const base = fakeNetwork({ names: NAMES });
    let pieces = 0;
    let connection: Socket | undefined;
    await using server = await rawServer((socket) => {
      connection = socket;
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
    });
    const system = fakeNetwork({ routes: { "*": server.port } });
    const network: FakeNetwork = {
      ...base,
      connect: system.connect,
      after(delayMs, callback) {
        if (delayMs === LIMITS.idle_timeout_ms && pieces++ < 3) connection?.write("x");
        else if (pieces > 3) connection?.end();
        return base.after(delayMs, callback);
      },
    };
    const response = await createGuardedFetch(resolveEgressConfig(LIMITS), network)(get("http://one.example/"));
    expect(textOf(response)).toBe("xxx");
  });

  it("[E14] or drips without end is left at the deadline", async () => {
    await expectTimeout((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nabc"), 9000, "the whole request");
  });

  it("[E14] in its name server is left after connect_timeout_ms", async () => {
    const network: FakeNetwork = { ...fakeNetwork(), resolve: () => new Promise(() => {}) };
    const pending = failureOf(createGuardedFetch(resolveEgressConfig(LIMITS), network)(get("http://one.example/")));
    await network.fireTimer(1000);
    expect(await pending).toMatchObject({ code: "TIMEOUT", details: { phase: "resolving the name" } });
  });

  it("[E14] at the connection is left after connect_timeout_ms", async () => {
    const network: FakeNetwork = {
      ...fakeNetwork({ names: NAMES }),
      connect: (_endpoint, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
    };
    const pending = failureOf(createGuardedFetch(resolveEgressConfig(LIMITS), network)(get(`http://${PUBLIC_ADDRESS}/`)));
    await network.fireTimer(1000);
    expect(await pending).toMatchObject({ code: "TIMEOUT", details: { phase: "connecting" } });
  });

  it("[E14] the caller's signal ends it at once, before and amid", async () => {
    await using server = await rawServer((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nabc"));
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const fetch = createGuardedFetch(resolveEgressConfig(), network);
    const controller = new AbortController();
    const pending = failureOf(fetch(get("http://one.example/", { signal: controller.signal, beforeSend: async () => controller.abort() })));
    expect((await pending).code).toBe("CANCELLED");
    expect((await failureOf(fetch(get("http://one.example/", { signal: AbortSignal.abort() })))).code).toBe("CANCELLED");
    expect(network.dials).toHaveLength(1);
    expect(network.armedTimers()).toEqual([]);
  });

  it("[E14] a beforeSend that hangs is left at the deadline, and nothing is sent", async () => {
    await using server = await httpServer((_seen, reply) => reply.end());
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const hanging = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const beforeSend = () => {
      started.resolve();
      return hanging.promise;
    };
    const pending = failureOf(createGuardedFetch(resolveEgressConfig(LIMITS), network)(get("http://one.example/", { beforeSend })));
    await started.promise;
    expect(network.armedTimers()).toEqual([LIMITS.timeout_ms]);
    await network.fireTimer(LIMITS.timeout_ms);
    expect(await pending).toMatchObject({ code: "TIMEOUT", details: { phase: "the whole request" } });
    hanging.resolve();
    expect(server.seen).toEqual([]);
  });

  it("[E14] whatever the outcome, the connection is gone when the request is over", async () => {
    const heads = [
      "200 OK\r\ncontent-length: 2",
      "200 OK\r\ncontent-length: 999999999999",
      "302 Found\r\nlocation: ftp://x/",
      "200 OK\r\ncontent-encoding: gzip",
    ];
    for (const head of heads) {
      await using server = await rawServer((socket) => socket.write(`HTTP/1.1 ${head}\r\nconnection: keep-alive\r\n\r\nok`));
      const base = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
      const opened: Socket[] = [];
      const network: FakeNetwork = {
        ...base,
        async connect(endpoint, signal) {
          const socket = await base.connect(endpoint, signal);
          opened.push(socket);
          return socket;
        },
      };
      await createGuardedFetch(resolveEgressConfig(), network)(get("http://one.example/")).catch(() => {});
      expect(opened.map((socket) => socket.destroyed)).toEqual([true]);
      expect(network.armedTimers()).toEqual([]);
    }
  });

  it("[E14] a request may ask for less time, but for no more than the owner allows", async () => {
    const armed: number[] = [];
    for (const timeoutMs of [50, 1_000_000]) {
      const base = fakeNetwork();
      const network: FakeNetwork = { ...base, after: (delayMs, callback) => (armed.push(delayMs), base.after(delayMs, callback)) };
      await failureOf(
        createGuardedFetch(resolveEgressConfig({ max_timeout_ms: 60_000 }), network)(get("http://one.example/", { timeoutMs })),
      );
    }
    expect(armed).toEqual([50, 10_000, 60_000, 10_000]);
  });
});

describe("a host that pours", () => {
  const cap = { max_bytes: 100_000 };

  /** Writes until the other side hangs up. */
  function pour(socket: Socket, head: string | Buffer, chunk: Buffer): void {
    socket.write(head);
    const more = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", more);
    more();
  }

  it("[R89] [E15] an endless body is cut at the cap", async () => {
    const endless = (socket: Socket) => pour(socket, "HTTP/1.1 200 OK\r\n\r\n", Buffer.alloc(65_536, "a"));
    expect(await failureOf(fetchRaw(endless, get("http://one.example/"), cap))).toMatchObject({
      code: "TOO_LARGE",
      details: { limit_bytes: 100_000 },
    });
    const cut = await fetchRaw(endless, get("http://one.example/", { overflow: "truncate" }), cap);
    expect([cut.bytes.length, cut.truncated]).toEqual([100_000, true]);
  });

  it("[R89] [E15] an endless event stream is cut at the cap", async () => {
    const events = (socket: Socket) =>
      pour(
        socket,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        Buffer.from("c\r\ndata: tick\n\n\r\n"),
      );
    const cut = await fetchRaw(events, get("http://one.example/", { overflow: "truncate", maxBytes: 120 }), cap);
    expect([textOf(cut), cut.truncated]).toEqual(["data: tick\n\n".repeat(10), true]);
  });

  it("[E15] a body that declares 10 GB is refused before it is read", async () => {
    const declared = (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n");
    expect((await failureOf(fetchRaw(declared, get("http://one.example/"), cap))).message).toContain("declared as 10737418240 bytes");
  });

  it.each([
    ["gzip", (size: number) => gzipSync(Buffer.alloc(size))],
    ["br", (size: number) => brotliCompressSync(Buffer.alloc(size), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ["deflate", (size: number) => deflateSync(Buffer.alloc(size))],
  ] as const)("[R89] [E15] a %s bomb is cut at the cap of what it unpacks to", async (encoding, compress) => {
    const bomb = compress(50_000_000);
    const answer: Answer = (_seen, reply) => reply.writeHead(200, { "content-encoding": encoding }).end(bomb);
    expect((await failureOf(fetchFrom(answer, get("http://one.example/"), cap))).code).toBe("TOO_LARGE");
    const { response } = await fetchFrom(answer, get("http://one.example/", { overflow: "truncate" }), cap);
    expect([response.bytes.length, response.truncated]).toEqual([100_000, true]);
  });

  it("[R89] [E15] endless compressed input that unpacks to nothing is cut at the cap on the wire", async () => {
    const head = Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"), gzipSync("").subarray(0, 10)]);
    const emptyBlocks = Buffer.from("000000ffff".repeat(2000), "hex");
    expect(await failureOf(fetchRaw((socket) => pour(socket, head, emptyBlocks), get("http://one.example/"), cap))).toMatchObject({
      code: "TOO_LARGE",
    });
  });

  it("[E15] a body of exactly the cap passes, compressed or not", async () => {
    const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 251));
    const plain = await fetchFrom((_seen, reply) => reply.end(body), get("http://one.example/"), cap);
    expect(plain.response.bytes.length).toBe(100_000);
    const zipped = await fetchFrom(
      (_seen, reply) => reply.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body, { level: 0 })),
      get("http://one.example/"),
      cap,
    );
    expect(Buffer.compare(zipped.response.bytes, body)).toBe(0);
    const oneMore = (socket: Socket) => socket.end(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), body, Buffer.from("x")]));
    expect((await failureOf(fetchRaw(oneMore, get("http://one.example/"), cap))).code).toBe("TOO_LARGE");
    expect((await fetchRaw(oneMore, get("http://one.example/", { overflow: "truncate" }), cap)).truncated).toBe(true);
  });

  it("[E15] endless headers are cut, in one response or in ever new interim ones", async () => {
    const oneHead = (socket: Socket) => pour(socket, "HTTP/1.1 200 OK\r\n", Buffer.from(`x-${"a".repeat(100)}: ${"b".repeat(1000)}\r\n`));
    expect((await failureOf(fetchRaw(oneHead, get("http://one.example/")))).code).toBe("TOO_LARGE");
    await using server = await rawServer((socket) => pour(socket, "", Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")));
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    const pending = failureOf(createGuardedFetch(resolveEgressConfig(LIMITS), network)(get("http://one.example/")));
    await network.fireTimer(2000);
    expect((await pending).code).toBe("TIMEOUT");
  });
});

describe("a host that lies about its body", () => {
  it("[E16] less than the declared length is UNAVAILABLE, not a short body", async () => {
    const short = (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    expect(await failureOf(fetchRaw(short, get("http://one.example/")))).toMatchObject({ code: "UNAVAILABLE", retryable: true });
  });

  it("[E16] what comes after the declared length is not read", async () => {
    const long = (socket: Socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    expect(textOf(await fetchRaw(long, get("http://one.example/")))).toBe("abc");
  });

  it("[E16] a chunked body that breaks off is UNAVAILABLE", async () => {
    const broken = (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    expect((await failureOf(fetchRaw(broken, get("http://one.example/")))).code).toBe("UNAVAILABLE");
  });

  it("[E18] a body that is not in its declared Content-Encoding, or ends amid it, is UNAVAILABLE", async () => {
    for (const body of [Buffer.from("not gzip at all"), gzipSync("hello hello hello").subarray(0, 20)]) {
      const work = fetchFrom((_seen, reply) => reply.writeHead(200, { "content-encoding": "gzip" }).end(body), get("http://one.example/"));
      expect(await failureOf(work)).toMatchObject({ code: "UNAVAILABLE", details: { reason: "content_encoding" } });
    }
  });

  it("[E18] an encoding that was not asked for is left as it came", async () => {
    for (const encoding of ["zstd", "gzip, gzip", "x-mystery"]) {
      const { response } = await fetchFrom(
        (_seen, reply) => reply.writeHead(200, { "content-encoding": encoding }).end("raw"),
        get("http://one.example/"),
      );
      expect([textOf(response), response.decoded]).toEqual(["raw", false]);
    }
  });

  it("[E18] gzip and br are asked for and undone, and an empty body needs no encoding", async () => {
    const zipped = await fetchFrom(
      (_seen, reply) => reply.writeHead(200, { "content-encoding": "GZIP" }).end(gzipSync("hello")),
      get("http://one.example/"),
    );
    expect(zipped.seen[0]?.headers["accept-encoding"]).toBe("gzip, br");
    expect([textOf(zipped.response), zipped.response.decoded]).toEqual(["hello", true]);
    const empty = await fetchFrom(
      (_seen, reply) => reply.writeHead(200, { "content-encoding": "gzip", "content-length": 0 }).end(),
      get("http://one.example/"),
    );
    expect(textOf(empty.response)).toBe("");
    const head = await fetchFrom(
      (_seen, reply) => reply.writeHead(200, { "content-encoding": "gzip", "content-length": 999_999_999 }).end(),
      get("http://one.example/", { method: "HEAD" }),
    );
    expect(head.response.bytes.length).toBe(0);
  });
});
