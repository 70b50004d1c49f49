// Hosts that hang, pour and lie, against the guard on real sockets. Time passes only when a test says so.

import type { Socket } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { resolveEgressConfig } from "./egress-config.ts";
import { failureOf } from "./failure.fixture.ts";
import { fetchFrom, fetchRaw, get, NAMES, textOf } from "./guarded-fetch.fixture.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { type FakeNetwork, fakeNetwork, PUBLIC_ADDRESS } from "./network.fixture.ts";
import { type Answer, httpServer, rawServer } from "./server.fixture.ts";

const LIMITS = { timeout_ms: 9000, connect_timeout_ms: 1000, headers_timeout_ms: 2000, idle_timeout_ms: 3000 } as const;

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
