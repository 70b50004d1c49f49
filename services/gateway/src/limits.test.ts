import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { ask, OWNER, openGateway, problem, rawSocket } from "./gateway.fixture.ts";

const head = (port: number) => `Host: localhost:${port}\r\nAuthorization: Bearer ${OWNER}\r\n`;

describe("slow and large requests", () => {
  const quick = { headersTimeoutMs: 150, requestTimeoutMs: 300, checkEveryMs: 20 };

  it("[R13] answers headers that come drop by drop with 408", async () => {
    await using door = await openGateway({ doorLimits: quick });
    const { socket, text } = await rawSocket(door.port);
    socket.write("GET /health HTTP/1.1\r\nHost: loc");
    const answer = await text;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("application/problem+json");
  });

  it("[R13] answers a body that does not come with 408", async () => {
    await using door = await openGateway({ doorLimits: quick });
    const { socket, text } = await rawSocket(door.port);
    socket.write(`POST /agent/task HTTP/1.1\r\n${head(door.port)}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
    expect(await text).toMatch(/^HTTP\/1\.1 408 /);
    expect(door.calls).toEqual([]);
  });

  it("[R13] ends connections that never say anything", async () => {
    await using door = await openGateway({ doorLimits: quick });
    const silent = await Promise.all(Array.from({ length: 20 }, () => rawSocket(door.port)));
    await Promise.all(silent.map(({ text }) => text));
    expect((await door.fetch("/health")).status).toBe(200);
  });

  it("[R13] holds no more connections than it may, and serves those it has", async () => {
    await using door = await openGateway({ doorLimits: { maxConnections: 5 } });
    const kept = await Promise.all(Array.from({ length: 5 }, () => rawSocket(door.port)));
    const { text } = await rawSocket(door.port);
    expect(await text).toBe("");
    const [first] = kept;
    first?.socket.write(`GET /health HTTP/1.1\r\nConnection: close\r\n${head(door.port)}\r\n`);
    expect(await first?.text).toMatch(/^HTTP\/1\.1 200 /);
    for (const { socket } of kept) socket.destroy();
  });

  it("[R13] answers 17 KiB of headers with 431", async () => {
    await using door = await openGateway();
    const answer = await ask(door.port, "GET", "/health", { host: `localhost:${door.port}`, filler: "a".repeat(17 * 1024) });
    expect(answer.status).toBe(431);
    expect(problem(answer.text)).toMatchObject({ code: "TOO_LARGE", status: 431 });
  });

  it("[R13] answers a body over its limit with 413, whether or not its length was told", async () => {
    await using door = await openGateway({ limits: { bodyBytes: 1000, planBytes: 2000, uploadBytes: 3000 } });
    const body = (bytes: number) => JSON.stringify({ reason: "a".repeat(bytes) });
    const send = (path: string, bytes: number, chunked: boolean) =>
      door.fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        ...(chunked ? { body: new Blob([body(bytes)]).stream(), duplex: "half" } : { body: body(bytes) }),
      });
    for (const chunked of [false, true]) {
      expect((await send("/agent/plan/x/cancel", 900, chunked)).status).toBe(200);
      expect((await send("/agent/plan/x/cancel", 1100, chunked)).status).toBe(413);
      expect((await send("/agent/task", 1100, chunked)).status).toBe(400); // Within the limit of a plan; `reason` is no field of it.
      expect((await send("/agent/task", 2100, chunked)).status).toBe(413);
    }
  });

  it("[R10] reads no body of a caller that it does not know", async () => {
    await using door = await openGateway();
    const { socket, text } = await rawSocket(door.port);
    socket.write(
      `POST /agent/task HTTP/1.1\r\nHost: localhost:${door.port}\r\nAuthorization: Bearer wrong\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n{`,
    );
    const answer = await text;
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/connection: close/i);
  });

  it("answers what is not HTTP with 400", async () => {
    await using door = await openGateway();
    const { socket, text } = await rawSocket(door.port);
    socket.write("\x16\x03\x01 hello\r\n\r\n");
    expect(await text).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("too much", () => {
  it("[R117] answers a caller over the rate with 429 and when to come back, and lets it in then", async () => {
    await using door = await openGateway({ doorLimits: { requestsPerSecond: 2, requestBurst: 3 } });
    const codes = [];
    for (let i = 0; i < 4; i += 1) codes.push((await door.fetch("/agent/status")).status);
    expect(codes).toEqual([200, 200, 200, 429]);
    const refused = await door.fetch("/agent/status");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "RATE_LIMITED", retryable: true });
    expect((await door.fetch("/health", { token: null })).status).toBe(200);
    door.time.advance(500);
    expect((await door.fetch("/agent/status")).status).toBe(200);
  });

  it("[R117] counts callers apart, and open routes by address", async () => {
    await using door = await openGateway({
      doorLimits: { requestBurst: 1, requestsPerSecond: 0.1, openRequestBurst: 2, openRequestsPerSecond: 0.1 },
    });
    expect((await door.fetch("/health", { token: null })).status).toBe(200);
    expect((await door.fetch("/health", { token: null })).status).toBe(200);
    const refused = await door.fetch("/ready", { token: null });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("10");
    expect((await door.fetch("/agent/status")).status).toBe(200);
  });

  it("[R25] slows down guessing without locking out the right token", async () => {
    await using door = await openGateway({ doorLimits: { failureBurst: 5 } });
    const codes = [];
    for (let i = 0; i < 7; i += 1) codes.push((await door.fetch("/agent/status", { token: `guess${i}` })).status);
    expect(codes).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await door.fetch("/agent/status")).status).toBe(200);
  });

  it("[R117] answers 503 with Retry-After while the node is overloaded, but still tells its health", async () => {
    let isOverloaded = true;
    await using door = await openGateway({ isOverloaded: () => isOverloaded });
    const refused = await door.fetch("/agent/task", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "UNAVAILABLE", retryable: true });
    for (const path of ["/health", "/ready", "/metrics", "/"]) expect((await door.fetch(path)).status).toBe(200);
    isOverloaded = false;
    expect((await door.fetch("/agent/status")).status).toBe(200);
  });

  it("[R117] answers at most so many requests at once, and the next when one has ended", async () => {
    const gates: (() => void)[] = [];
    const wait = () => {
      const { promise, resolve } = Promise.withResolvers<never>();
      gates.push(() => resolve({} as never));
      return promise;
    };
    await using door = await openGateway({ doorLimits: { maxInFlight: 2 }, handlers: { plan: wait } });
    const first = door.fetch("/agent/plan/a");
    const second = door.fetch("/agent/plan/b");
    await expect.poll(() => gates.length).toBe(2);
    expect((await door.fetch("/agent/status")).status).toBe(503);
    for (const open of gates) open();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    await expect.poll(async () => (await door.fetch("/agent/status")).status).toBe(200);
  });
});

describe("the end", () => {
  it("[R120] lets answers under way end, refuses new ones with 503, and then is gone", async () => {
    const gate = Promise.withResolvers<never>();
    const door = await openGateway({ handlers: { plan: () => gate.promise } });
    const { socket, text } = await rawSocket(door.port);
    socket.write(`GET /agent/plan/a HTTP/1.1\r\n${head(door.port)}\r\n`);
    await expect.poll(() => door.calls.length).toBe(1);
    const closed = door.gateway.close();
    socket.write(`GET /agent/status HTTP/1.1\r\n${head(door.port)}\r\n`);
    gate.resolve({ plan: "done" } as never);
    const answers = await text;
    expect(answers).toMatch(/^HTTP\/1\.1 200 [^]*"plan":"done"[^]*HTTP\/1\.1 503 /);
    await closed;
    await expect(fetch(`${door.url}/health`)).rejects.toThrow();
  });

  it("[R120] waits at most as long as it may", async () => {
    const door = await openGateway({ handlers: { plan: () => new Promise(() => undefined) } });
    const { socket, text } = await rawSocket(door.port);
    socket.write(`GET /agent/plan/a HTTP/1.1\r\n${head(door.port)}\r\n`);
    await expect.poll(() => door.calls.length).toBe(1);
    const closed = door.gateway.close();
    door.time.advance(10_000);
    await closed;
    expect(await text).toBe("");
  });

  it("tells a handler that its client has gone", async () => {
    const aborted = Promise.withResolvers<void>();
    await using door = await openGateway({
      handlers: {
        plan({ signal }) {
          signal.addEventListener("abort", () => aborted.resolve());
          return new Promise(() => undefined);
        },
      },
    });
    const { socket } = await rawSocket(door.port);
    socket.write(`GET /agent/plan/a HTTP/1.1\r\n${head(door.port)}\r\n`);
    await expect.poll(() => door.calls.length).toBe(1);
    socket.destroy();
    await once(socket, "close");
    await aborted.promise;
    expect(door.calls).toHaveLength(1);
  });
});
