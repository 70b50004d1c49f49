import { ROUTES, type Route } from "@kos/api";
import { canonicalJson, hashText, KosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ask, OWNER, openGateway, problem, type TestGateway } from "./gateway.fixture.ts";
import type { Handlers } from "./handler.ts";

const json = (value: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: typeof value === "string" ? value : JSON.stringify(value),
});
const post = (door: TestGateway, path: string, value: unknown, headers: Readonly<Record<string, string>> = {}) =>
  door.fetch(path, { ...json(value), headers: { ...json(value).headers, ...headers } });

describe("routes", () => {
  it("hands a handler who calls, the path, the query in its types, the body and the trace", async () => {
    await using door = await openGateway();
    await door.fetch("/agent/plan?limit=20&status=running");
    await post(door, "/agent/plan/p%2F1/cancel", { reason: "enough" });
    const [plans, cancel] = door.calls;
    expect(plans).toMatchObject({
      name: "plans",
      request: { query: { limit: 20, status: "running" }, body: undefined, upload: undefined },
    });
    expect(cancel).toMatchObject({
      name: "cancelPlan",
      request: {
        params: { plan_id: "p/1" },
        body: { reason: "enough" },
        caller: { subject: "person:owner", tenant: "local" },
        bodyHash: undefined,
      },
    });
    expect(cancel?.request["traceId"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("goes on with the trace that a client brings, and with none that is not well written", async () => {
    await using door = await openGateway();
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const sent = [
      `00-${trace}-00f067aa0ba902b7-01`,
      `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
      `ff-${trace}-00f067aa0ba902b7-01`,
      `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
      "x",
    ];
    for (const traceparent of sent) await door.fetch("/agent/status", { headers: { traceparent } });
    const ids = door.calls.map(({ request }) => request["traceId"]);
    expect(ids[0]).toBe(trace);
    expect(new Set(ids).size).toBe(sent.length);
    for (const id of ids.slice(1)) expect(id).not.toContain("4736");
    const refused = await door.fetch("/agent/status", { token: "wrong", headers: { traceparent: sent[0] ?? "" } });
    expect(await refused.json()).toMatchObject({ trace_id: trace });
  });

  it("answers with the status and the media type of the contract", async () => {
    await using door = await openGateway();
    for (const route of Object.values(ROUTES) as Route[]) {
      if (route.body !== undefined || route.query !== undefined || route.consumes !== undefined) continue;
      const answer = await door.fetch(route.path.replace(/:[a-z_]+/g, "x"), { method: route.method });
      expect([route.path, answer.status]).toEqual([route.path, route.status]);
      expect(answer.headers.get("content-type")).toContain((route.produces ?? "application/json").split(";")[0]);
    }
  });

  it("does not start when a route has no handler", async () => {
    const broken = openGateway({ handlers: { status: null } as unknown as Partial<Handlers> });
    await expect(broken).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining("GET /agent/status") });
  });

  it("gives the problem of a handler with its code, details and addresses", async () => {
    const refused = new KosError("CONFLICT", "The plan has ended. Fork it.", { details: { status: "failed" }, planId: "p1", taskId: "t1" });
    await using door = await openGateway({ handlers: { pausePlan: () => Promise.reject(refused) } });
    const answer = await post(door, "/agent/plan/p1/pause", {});
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      type: "urn:kos:error:CONFLICT",
      status: 409,
      code: "CONFLICT",
      detail: "The plan has ended. Fork it.",
      message: "The plan has ended. Fork it.",
      details: { status: "failed" },
      plan_id: "p1",
      task_id: "t1",
      retryable: false,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it("answers HEAD like GET without a body, and says which methods an address takes", async () => {
    await using door = await openGateway({
      handlers: {
        artifactContent: async () => ({ status: 200, headers: { "content-length": "5" }, body: new TextEncoder().encode("hello") }),
      },
    });
    const head = await door.fetch("/artifact/a/content", { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "5", ""]);
    expect((await door.fetch("/agent/status", { method: "HEAD", token: null })).status).toBe(401);
    for (const [method, path, allow] of [
      ["DELETE", "/agent/plan/x", "GET, PATCH, HEAD, OPTIONS"],
      ["GET", "/agent/plan/x/pause", "POST, OPTIONS"],
      ["HEAD", "/agent/plan/x/pause", "POST, OPTIONS"],
      ["POST", "/health", "GET, HEAD, OPTIONS"],
    ] as const) {
      const answer = await door.fetch(path, { method });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
    }
    const options = await door.fetch("/agent/plan", { method: "OPTIONS", token: null });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });

  it("tells the route, not the address, of every answer", async () => {
    await using door = await openGateway();
    await door.fetch("/agent/plan/secret-id");
    await door.fetch("/agent/plan/other", { token: "wrong" });
    await door.fetch("/nothing/here");
    await expect
      .poll(() => door.samples.map(({ route, status }) => `${status} ${route}`))
      .toEqual(["200 /agent/plan/:plan_id", "401 /agent/plan/:plan_id", "404 unknown"]);
  });
});

describe("bodies and queries", () => {
  it("[R31] refuses fields that the contract does not know, each with its path", async () => {
    await using door = await openGateway();
    const answer = await post(door, "/agent/task", { goal: "x", is_admin: true, parent: { plan_id: "a", task_id: "b", tenant: "other" } });
    expect(answer.status).toBe(400);
    const { details } = (await answer.json()) as { details: { problems: { path: string; message: string }[] } };
    expect(details.problems.map(({ path }) => path).toSorted()).toEqual(expect.arrayContaining(["body", "body/parent"]));
    expect(JSON.stringify(details)).toMatch(/is_admin/);
    expect(door.calls).toEqual([]);
  });

  it("names the place of a wrong type", async () => {
    await using door = await openGateway();
    const body = await (await post(door, "/agent/plan/x/retry", { tasks: ["a", 5] })).json();
    expect(body).toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("body/tasks/1"),
      details: { problems: [{ path: "body/tasks/1" }] },
    });
  });

  it("refuses query parameters that a route does not have, wrong ones, and one given twice", async () => {
    await using door = await openGateway();
    for (const query of [
      "limit=0",
      "limit=501",
      "limit=ten",
      "limit=1&limit=2",
      "limit=1e2",
      "unknown=1",
      "__proto__=1",
      "constructor=1",
      "cursor=" + "a".repeat(501),
    ]) {
      expect([query, (await door.fetch(`/agent/plan?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await door.fetch("/agent/status?x=1")).status).toBe(400);
    expect(door.calls).toEqual([]);
  });

  it("says line and column of what is not JSON", async () => {
    await using door = await openGateway();
    const answer = await post(door, "/agent/task", '{"goal":\n  oops}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "BAD_REQUEST", details: { line: 2 } });
  });

  it("[R75] refuses names that reach a prototype, however they are spelt, and what strict JSON forbids", async () => {
    await using door = await openGateway();
    const bad = [
      '{"__proto__":{"polluted":1}}',
      '{"params":{"\\u005f\\u005fproto__":{"polluted":1}}}',
      '{"params":{"a":[{"__proto__":1}]}}',
      '{"goal":"a","goal":"b"}',
      '{"goal":"\\ud800"}',
      '{"params":{"n":12345678901234567890}}',
      '{"params":{"n":1e999}}',
      "[".repeat(100_000),
      '{"params":{"a":' + "[".repeat(100) + "]".repeat(100) + "}}",
      "\ufeff{}",
      "null",
      "[]",
      "5",
      "NaN",
    ];
    for (const text of bad) expect([text.slice(0, 40), (await post(door, "/agent/task", text)).status]).toEqual([text.slice(0, 40), 400]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(door.calls).toEqual([]);
    expect((await post(door, "/agent/task", '{"goal":"a","params":{"constructor":{"prototype":1}}}')).status).toBe(202);
  });

  it("never answers 500 to bytes that are no request of the contract", async () => {
    await using door = await openGateway({ doorLimits: { requestBurst: 1_000_000 } });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
        ),
        async (text) => {
          for (const path of ["/agent/task", "/agent/plan/x/resolve", "/agent/approval/x"]) {
            expect((await post(door, path, text)).status).toBeLessThan(500);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(door.internalErrors).toEqual([]);
  });

  it("[R82] takes no body where the contract has none, but an empty one", async () => {
    await using door = await openGateway();
    expect((await post(door, "/agent/kCore:main/pause", { plan: { tasks: [] } })).status).toBe(400);
    for (const empty of ["", "{}"]) expect((await post(door, "/agent/kCore:main/pause", empty)).status).toBe(200);
    expect((await door.fetch("/agent/kCore:main/pause", { method: "POST" })).status).toBe(200);
  });

  it("takes a missing body as an empty one where every field may be left out", async () => {
    await using door = await openGateway();
    expect((await door.fetch("/agent/plan/x/cancel", { method: "POST" })).status).toBe(200);
    expect((await door.fetch("/agent/plan/x/resolve", { method: "POST" })).status).toBe(400);
  });

  it("[R112] passes the key of a repeatable call with the hash of its canonical body", async () => {
    await using door = await openGateway();
    await post(door, "/agent/task", '{ "goal": "x",   "budget": {} }', { "idempotency-key": "key-1" });
    expect(door.calls[0]?.request).toMatchObject({ idempotencyKey: "key-1", bodyHash: hashText(canonicalJson({ budget: {}, goal: "x" })) });
    for (const key of ["a b", "ä", "a".repeat(201), ""]) {
      const answer = await ask(
        door.port,
        "POST",
        "/agent/task",
        {
          host: `localhost:${door.port}`,
          authorization: `Bearer ${OWNER}`,
          "content-type": "application/json",
          "idempotency-key": Buffer.from(key).toString("latin1"),
        },
        '{"goal":"x"}',
      );
      expect([key.slice(0, 5), answer.status]).toEqual([key.slice(0, 5), 400]);
    }
    expect(door.calls).toHaveLength(1);
  });
});

describe("bytes in and out", () => {
  const collect = async (upload: AsyncIterable<Uint8Array> | undefined) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of upload ?? []) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  it("hands the raw body of an upload on as it comes, whatever its media type", async () => {
    const seen: string[] = [];
    await using door = await openGateway({
      handlers: {
        async uploadArtifact({ upload, mediaType, query }) {
          seen.push(`${query.name} ${mediaType} ${(await collect(upload)).toString()}`);
          return {} as never;
        },
      },
    });
    const put = (type: string | undefined, body: string) =>
      ask(
        door.port,
        "POST",
        "/artifact/upload?name=a.bin",
        { host: `localhost:${door.port}`, authorization: `Bearer ${OWNER}`, ...(type !== undefined && { "content-type": type }) },
        body,
      );
    for (const type of ["application/json", "text/plain", "image/png", "application/x-www-form-urlencoded", undefined]) {
      expect((await put(type, '{"a":1')).status).toBe(201);
    }
    expect((await put("application/json", "")).status).toBe(201);
    expect(seen).toEqual([
      'a.bin application/json {"a":1',
      'a.bin text/plain {"a":1',
      'a.bin image/png {"a":1',
      'a.bin application/x-www-form-urlencoded {"a":1',
      'a.bin undefined {"a":1',
      "a.bin application/json ",
    ]);
  });

  it("[R31] takes JSON that poses as an upload for bytes", async () => {
    let body: unknown = "unset";
    await using door = await openGateway({
      handlers: {
        async uploadArtifact(request) {
          body = request.body;
          expect((await collect(request.upload)).toString()).toBe('{"path":"/etc/passwd","name":"x"}');
          return {} as never;
        },
      },
    });
    const answer = await door.fetch("/artifact/upload?name=x", json({ path: "/etc/passwd", name: "x" }));
    expect(answer.status).toBe(201);
    expect(body).toBeUndefined();
  });

  it("[R13] stops an upload over its limit while it comes, before the end of the body", async () => {
    let read = 0;
    await using door = await openGateway({
      limits: { bodyBytes: 1000, planBytes: 1000, uploadBytes: 100_000 },
      handlers: {
        async uploadArtifact({ upload }) {
          for await (const chunk of upload ?? []) read += chunk.length;
          return {} as never;
        },
      },
    });
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 16_384;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const status = await door
      .fetch("/artifact/upload?name=x", {
        method: "POST",
        body: endless,
        duplex: "half",
        headers: { "content-type": "application/octet-stream" },
      })
      .then((answer) => answer.status)
      .catch(() => 413); // The connection may end before the client has read the answer: it was still sending.
    expect(status).toBe(413);
    expect(read).toBeLessThanOrEqual(100_000);
    expect(sent).toBeLessThan(50_000_000);
    const told = await ask(door.port, "POST", "/artifact/upload?name=x", {
      host: `localhost:${door.port}`,
      authorization: `Bearer ${OWNER}`,
      "content-length": "100001",
    });
    expect(told.status).toBe(413);
    expect(problem(told.text)).toMatchObject({ code: "TOO_LARGE", details: { max_bytes: 100_000 } });
    expect((await door.fetch("/agent/status")).status).toBe(200);
  });

  it("[R93] sends bytes with the headers the handler made, and parts of them", async () => {
    await using door = await openGateway({
      handlers: {
        async artifactContent({ range }) {
          const headers = {
            "content-type": "text/html",
            "content-disposition": "attachment; filename*=UTF-8''a.html",
            "accept-ranges": "bytes",
          };
          if (range === "bytes=0-1")
            return { status: 206, headers: { ...headers, "content-range": "bytes 0-1/5" }, body: new TextEncoder().encode("he") };
          if (range !== undefined) return { status: 416, headers: { "content-range": "bytes */5" }, body: "" };
          return {
            status: 200,
            headers,
            body: (async function* () {
              yield new TextEncoder().encode("he");
              yield new TextEncoder().encode("llo");
            })(),
          };
        },
      },
    });
    const whole = await door.fetch("/artifact/a/content");
    expect([whole.status, await whole.text()]).toEqual([200, "hello"]);
    expect(whole.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(whole.headers.get("x-content-type-options")).toBe("nosniff");
    expect(whole.headers.get("content-security-policy")).toMatch(/sandbox/);
    const part = await door.fetch("/artifact/a/content", { headers: { range: "bytes=0-1" } });
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "he", "bytes 0-1/5"]);
    const outside = await door.fetch("/artifact/a/content", { headers: { range: "bytes=9-" } });
    expect([outside.status, outside.headers.get("content-range")]).toEqual([416, "bytes */5"]);
  });

  it("cuts the connection when a stream breaks, so that nobody takes a part for the whole", async () => {
    await using door = await openGateway({
      handlers: {
        async artifactContent() {
          return {
            status: 200,
            headers: {},
            body: (async function* () {
              yield new TextEncoder().encode("he");
              throw new Error("disk");
            })(),
          };
        },
      },
    });
    await expect(door.fetch("/artifact/a/content").then((answer) => answer.text())).rejects.toThrow();
  });
});
