import { createAgentRunner, draftManifest, type MessageFromAgent } from "@kos/agent";
import { createGuardedFetch, type EgressInput, resolveEgressConfig } from "@kos/egress";
import { failureOf } from "@kos/egress/failure.fixture";
import { type FakeNetwork, fakeNetwork, PUBLIC_ADDRESS } from "@kos/egress/network.fixture";
import { type Answer, httpServer, rawServer, type SeenRequest } from "@kos/egress/server.fixture";
import { canonicalJson, KosError } from "@kos/klp";
import { Check, Errors } from "typebox/value";
import { describe, expect, it } from "vitest";
import { createBridgeAgent } from "./bridge-agent.ts";
import { type TestContext, testContext } from "./context.fixture.ts";
import { createHttpRequest, keyLifetimeMs } from "./http-request.ts";
import { HttpRequestInput, HttpRequestOutput } from "./http-request-schema.ts";

const NAMES = { "one.example": [PUBLIC_ADDRESS], "two.example": [PUBLIC_ADDRESS] };
const URL_ONE = "http://one.example/things";

function capabilityOn(network: FakeNetwork, input: EgressInput = {}) {
  const config = resolveEgressConfig(input);
  return createHttpRequest(config, createGuardedFetch(config, network));
}

interface Outcome {
  readonly output: HttpRequestOutput;
  readonly seen: readonly SeenRequest[];
  readonly context: TestContext;
}

/** Runs the capability against a server that stands for every host, and holds its output against its schema. */
async function call(
  params: HttpRequestInput,
  answer: Answer,
  options: { egress?: EgressInput; context?: TestContext } = {},
): Promise<Outcome> {
  await using server = await httpServer(answer);
  const context = options.context ?? testContext();
  expect(Errors(HttpRequestInput, params)).toEqual([]);
  const output = await capabilityOn(fakeNetwork({ names: NAMES, routes: { "*": server.port } }), options.egress).run(params, context);
  expect(Errors(HttpRequestOutput, output)).toEqual([]);
  expect(canonicalJson(output).length).toBeLessThan(1_000_000);
  return { output, seen: server.seen, context };
}

const answerWith =
  (body: string | Buffer, headers: Record<string, string | string[]> = {}, status = 200): Answer =>
  (_seen, response) =>
    response.writeHead(status, headers).end(body);

describe("http.request", () => {
  it("gives back status, headers and the body as JSON, text or base64 by its type", async () => {
    const json = await call(
      { url: URL_ONE },
      answerWith('{"a":[1,2]}', { "content-type": "application/vnd.api+json", "x-a": "b", "set-cookie": ["a=1", "b=2"] }),
    );
    expect(json.output).toMatchObject({
      status: 200,
      url: URL_ONE,
      redirects: [],
      body: { json: { a: [1, 2] } },
      bytes: 11,
      wire_bytes: 11,
      media_type: "application/vnd.api+json",
    });
    expect(json.output.headers).toMatchObject({ "x-a": "b", "set-cookie": ["a=1", "b=2"] });
    expect(json.output).not.toHaveProperty("truncated");
    expect(json.output).not.toHaveProperty("notes");
    expect((await call({ url: URL_ONE }, answerWith("<p>hi", { "content-type": "text/html" }))).output).toMatchObject({
      body: { text: "<p>hi" },
      charset: "utf-8",
    });
    expect((await call({ url: URL_ONE }, answerWith("no type"))).output.body).toEqual({ text: "no type" });
    expect((await call({ url: URL_ONE }, answerWith(Buffer.from([0, 255])))).output.body).toEqual({ base64: "AP8=" });
    expect((await call({ url: URL_ONE }, answerWith("%PDF", { "content-type": "application/pdf" }))).output.body).toEqual({
      base64: "JVBERg==",
    });
    expect((await call({ url: URL_ONE, method: "HEAD" }, answerWith("", { "content-type": "application/json" }))).output.body).toEqual({
      text: "",
    });
  });

  it("[E17] notes where the answer is not what it claims to be", async () => {
    const kinds = async (body: string | Buffer, headers: Record<string, string>) =>
      (await call({ url: URL_ONE }, answerWith(body, headers))).output;
    expect(await kinds("<html>", { "content-type": "application/json" })).toMatchObject({
      body: { text: "<html>" },
      notes: [{ kind: "json_unreadable" }],
    });
    expect(await kinds('{"id":12345678901234567890}', { "content-type": "application/json" })).toMatchObject({
      body: { json: { id: "12345678901234567890" } },
      notes: [{ kind: "json_adjusted" }],
    });
    expect(await kinds(Buffer.from("h\xe9", "latin1"), { "content-type": "text/plain;charset=utf-8" })).toMatchObject({
      body: { text: "hé" },
      charset: "windows-1252",
      notes: [{ kind: "charset_refuted", message: expect.stringContaining("utf-8") }],
    });
    expect(await kinds("raw", { "content-type": "text/plain", "content-encoding": "zstd" })).toMatchObject({
      body: { base64: "cmF3" },
      notes: [{ kind: "encoding_unknown" }],
    });
  });

  it("sends query, headers and body as given", async () => {
    const { seen } = await call(
      {
        url: "http://one.example/a?x=%2F&y",
        method: "PUT",
        query: { q: "a b&c", n: 1, flag: true, list: ["p", 2] },
        headers: { "X-A": "1" },
        body: { json: { a: "é" } },
      },
      answerWith(""),
    );
    expect(seen[0]).toMatchObject({ method: "PUT", url: "/a?x=%2F&y&q=a+b%26c&n=1&flag=true&list=p&list=2", body: '{"a":"é"}' });
    expect(seen[0]?.headers).toMatchObject({ "content-type": "application/json", "x-a": "1" });
    const text = await call({ url: URL_ONE, method: "POST", body: { text: "é" }, headers: { "Content-Type": "text/x" } }, answerWith(""));
    expect(text.seen[0]).toMatchObject({ body: "é", headers: { "content-type": "text/x" } });
    const bytes = await call({ url: URL_ONE, method: "PATCH", body: { base64: "aGk=" } }, answerWith(""));
    expect(bytes.seen[0]).toMatchObject({ body: "hi", headers: { "content-type": "application/octet-stream" } });
  });

  it("refuses what cannot be meant, before anything is dialled", async () => {
    const network = fakeNetwork({ names: NAMES });
    const run = (params: HttpRequestInput) => failureOf(capabilityOn(network).run(params, testContext()));
    expect((await run({ url: URL_ONE, body: { text: "x" } })).code).toBe("BAD_REQUEST");
    expect((await run({ url: URL_ONE, method: "POST", body: { base64: "not base64" } })).code).toBe("BAD_REQUEST");
    expect((await run({ url: URL_ONE, method: "POST", headers: { "IDEMPOTENCY-KEY": "mine" } })).code).toBe("BAD_REQUEST");
    expect((await run({ url: "nonsense", query: { a: 1 } })).code).toBe("BAD_REQUEST");
    expect((await run({ url: "http://10.0.0.1/", method: "POST" })).code).toBe("POLICY_DENIED");
    expect(network.dials).toEqual([]);
  });

  it("[R30] text that would be SQL, markup or a template elsewhere arrives as it is", async () => {
    const nasty = "' OR 1=1; DROP TABLE plans; -- ${x} {{y}} <script> %00 \\";
    const { seen } = await call(
      { url: URL_ONE, method: "POST", query: { q: nasty }, headers: { "x-q": nasty }, body: { text: nasty } },
      answerWith("ok"),
    );
    expect(seen[0]?.body).toBe(nasty);
    expect(seen[0]?.headers["x-q"]).toBe(nasty);
    expect(new URL(seen[0]?.url ?? "", URL_ONE).searchParams.get("q")).toBe(nasty);
  });

  it("[E15] cuts at max_bytes when asked to, and fails otherwise", async () => {
    expect(await failureOf(call({ url: URL_ONE, max_bytes: 3 }, answerWith("12345")))).toMatchObject({ code: "TOO_LARGE" });
    const { output } = await call({ url: URL_ONE, max_bytes: 3, on_overflow: "truncate" }, answerWith("12345"));
    expect(output).toMatchObject({ body: { text: "123" }, truncated: true, bytes: 3 });
  });

  it("[E21] puts the body into an artifact when asked to, and always when it would not fit an envelope", async () => {
    const named = await call({ url: URL_ONE, save_as: "logo.png" }, answerWith("PNG", { "content-type": "image/png" }));
    expect(named.output.body).toMatchObject({ artifact: { name: "logo.png", media_type: "image/png", bytes: 3 } });
    expect(Buffer.from(named.context.saved.get("logo.png")?.content ?? "").toString()).toBe("PNG");
    for (const body of ["a".repeat(600_000), "\u0001".repeat(120_000)]) {
      const large = await call({ url: URL_ONE }, answerWith(body, { "content-type": "text/plain" }));
      expect(large.output).toMatchObject({
        body: { artifact: { name: "http-response", bytes: body.length } },
        notes: [{ kind: "saved_as_artifact" }],
      });
    }
  });

  it("[E22] takes any status as an answer unless expect_status says otherwise", async () => {
    expect((await call({ url: URL_ONE }, answerWith("", {}, 503))).output.status).toBe(503);
    expect((await call({ url: URL_ONE, expect_status: ["2xx", 404] }, answerWith("", {}, 404))).output.status).toBe(404);
    const failing = (status: number, headers = {}) =>
      failureOf(call({ url: URL_ONE, expect_status: [200, 201] }, answerWith("", headers, status)));
    expect(await failing(404)).toMatchObject({ code: "BAD_REQUEST", retryable: false, details: { status: 404, expected: [200, 201] } });
    expect(await failing(429, { "retry-after": "7" })).toMatchObject({
      code: "RATE_LIMITED",
      retryable: true,
      details: { retry_after: "7" },
    });
    expect(await failing(503)).toMatchObject({ code: "UNAVAILABLE", retryable: true });
    expect(await failing(204)).toMatchObject({ code: "UNAVAILABLE", details: { reason: "status" } });
  });
});

describe("an effect", () => {
  it("[E19] is marked right before a writing request is sent, with the task's key, and once", async () => {
    const context = testContext();
    const order = context.events;
    const { seen } = await call(
      { url: "http://one.example/a", method: "POST", body: { text: "x" } },
      (request, response) => {
        order.push(`sent ${request.url}`);
        (request.url === "/a" ? response.writeHead(307, { location: "/b" }) : response).end();
      },
      { context },
    );
    expect(order).toEqual(["mark", "sent /a", "sent /b"]);
    expect(seen.map((request) => request.headers["idempotency-key"])).toEqual(["key-of-this-task", "key-of-this-task"]);
  });

  it("[E19] has neither mark nor key with GET, HEAD and OPTIONS", async () => {
    for (const method of ["GET", "HEAD", "OPTIONS"] as const) {
      const { seen, context } = await call({ url: URL_ONE, method }, answerWith(""));
      expect(seen[0]?.headers).not.toHaveProperty("idempotency-key");
      expect(context.events).toEqual([]);
    }
  });

  it("[E19] has a key and a mark at a host that honours keys, from which its lifetime counts", async () => {
    const { seen, context } = await call({ url: URL_ONE, method: "POST" }, answerWith(""), {
      egress: { idempotent_hosts: ["one.example"] },
    });
    expect(seen[0]?.headers["idempotency-key"]).toBe("key-of-this-task");
    expect(context.events).toEqual(["mark"]);
  });

  it("[E19] is not marked when the request is refused or nothing is connected", async () => {
    await using gone = await rawServer(() => {});
    await gone[Symbol.asyncDispose]();
    const context = testContext();
    const capability = capabilityOn(fakeNetwork({ names: { ...NAMES, "inside.example": ["10.0.0.1"] }, routes: { "*": gone.port } }));
    for (const url of ["http://inside.example/", "http://nowhere.example/", URL_ONE, "file:///x"]) {
      expect((await failureOf(capability.run({ url, method: "POST" }, context))).code).not.toBe("IN_DOUBT");
    }
    expect(context.events).toEqual([]);
  });

  it("[E19] is not sent when the mark is refused", async () => {
    const fenced = new KosError("CONFLICT", "another attempt has taken over");
    await using server = await httpServer(answerWith(""));
    const capability = capabilityOn(fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
    expect(
      await failureOf(capability.run({ url: URL_ONE, method: "POST" }, testContext({ beginEffect: () => Promise.reject(fenced) }))),
    ).toBe(fenced);
    expect(server.seen).toEqual([]);
  });

  const broken: readonly (readonly [what: string, answer: string, more: Partial<HttpRequestInput>, cause: string])[] = [
    ["the connection breaks", "", {}, "UNAVAILABLE"],
    ["the answer is cut off", "HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nabc", {}, "UNAVAILABLE"],
    ["the answer is too large", "HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nabcdefghi", { max_bytes: 5 }, "TOO_LARGE"],
    ["the answer leads inside", "HTTP/1.1 303 See Other\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n", {}, "POLICY_DENIED"],
    ["the server has failed", "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", { expect_status: ["2xx"] }, "UNAVAILABLE"],
  ];
  it.each(broken)("[E20] ends in doubt when it was sent and %s", async (_what, answer, more, cause) => {
    await using server = await rawServer((socket) => void socket.end(answer));
    const params: HttpRequestInput = { url: URL_ONE, method: "POST", ...more };
    const network = fakeNetwork({ names: NAMES, routes: { "*": server.port } });
    expect(await failureOf(capabilityOn(network).run(params, testContext()))).toMatchObject({
      code: "IN_DOUBT",
      retryable: false,
      details: { cause },
    });
    const keyed = await failureOf(capabilityOn(network, { idempotent_hosts: ["one.example"] }).run(params, testContext()));
    expect(keyed.code).toBe(cause);
  });

  it("[E25] cannot be asked what became of a request: a person or a key decides", () => {
    expect(capabilityOn(fakeNetwork({ names: NAMES })).description.reconcile).toBe(false);
  });

  it("[E20] is not in doubt when the other side refused it", async () => {
    for (const status of [400, 409, 422, 429]) {
      const refused = await failureOf(call({ url: URL_ONE, method: "POST", expect_status: [201] }, answerWith("", {}, status)));
      expect(refused.code).toBe(status === 429 ? "RATE_LIMITED" : "BAD_REQUEST");
    }
  });

  it("[E20] ends in doubt when it is cancelled after it was sent", async () => {
    const controller = new AbortController();
    await using server = await rawServer(() => controller.abort());
    const capability = capabilityOn(fakeNetwork({ names: NAMES, routes: { "*": server.port } }));
    const failure = await failureOf(capability.run({ url: URL_ONE, method: "DELETE" }, testContext({ signal: controller.signal })));
    expect(failure).toMatchObject({ code: "IN_DOUBT", details: { cause: "CANCELLED" } });
  });
});

describe("the agent kBridge:http", () => {
  const config = resolveEgressConfig({ idempotent_hosts: ["api.example=60", "pay.example:8443"] });
  const agent = createBridgeAgent({ config, network: fakeNetwork({ names: NAMES }) });

  it("declares its effects, labels and sinks", () => {
    const [description] = draftManifest(agent).capabilities;
    expect(agent.id).toBe("kBridge:http");
    expect(description).toMatchObject({
      name: "http.request",
      effects: ["net.read", "net.write"],
      idempotent: false,
      output_labels: ["untrusted"],
    });
    const properties = HttpRequestInput.properties as unknown as Record<string, Record<string, unknown>>;
    const sinks = Object.entries(properties).map(([name, schema]) => [name, schema["x-kos-sink"]]);
    expect(Object.fromEntries(sinks)).toMatchObject({
      url: "control",
      method: "control",
      query: "control",
      headers: "control",
      body: "content",
    });
  });

  it("[E19] tells for each call whether it reads or writes and whether it may be repeated", () => {
    const capability = agent.capabilities.get("http.request");
    for (const method of ["GET", "HEAD", "OPTIONS", undefined] as const) {
      const params = { url: URL_ONE, ...(method && { method }) };
      expect([capability?.effectsOf?.(params), capability?.isIdempotent?.(params)]).toEqual([["net.read"], true]);
    }
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
      expect([capability?.effectsOf?.({ url: URL_ONE, method }), capability?.isIdempotent?.({ url: URL_ONE, method })]).toEqual([
        ["net.write"],
        false,
      ]);
      expect(capability?.isIdempotent?.({ url: "https://API.example./x", method })).toBe(true);
      expect(capability?.isIdempotent?.({ url: "https://pay.example/x", method })).toBe(false);
      expect(capability?.isIdempotent?.({ url: "https://pay.example:8443/x", method })).toBe(true);
      expect(capability?.isIdempotent?.({ url: "nonsense", method })).toBe(false);
    }
  });

  it("[E19] knows how long a host remembers a key", () => {
    expect(keyLifetimeMs({ url: "https://api.example/" }, config)).toBe(60_000);
    expect(keyLifetimeMs({ url: "https://pay.example:8443/" }, config)).toBe(86_400_000);
    expect(keyLifetimeMs({ url: "https://other.example/" }, config)).toBeUndefined();
    const capability = agent.capabilities.get("http.request");
    expect(capability?.idempotentForMs?.({ url: "https://api.example/", method: "POST" })).toBe(60_000);
    expect(capability?.idempotentForMs?.({ url: "https://api.example/" })).toBeUndefined();
  });

  it("answers a task through the agent kit, within both schemas", async () => {
    await using server = await httpServer(answerWith('{"ok":true}', { "content-type": "application/json" }));
    const bridge = createBridgeAgent({
      config: resolveEgressConfig(),
      network: fakeNetwork({ names: NAMES, routes: { "*": server.port } }),
    });
    const { promise, resolve } = Promise.withResolvers<MessageFromAgent>();
    const context = testContext();
    const runner = createAgentRunner({
      agent: bridge,
      send: resolve,
      artifacts: () => context.artifacts,
      log: () => context.log,
      now: () => 0,
    });
    const payload = {
      capability: "http.request",
      params: { url: URL_ONE },
      labels: [],
      attempt: 1,
      lease_token: "t",
      generation: 0,
      timeout_ms: 1000,
      idempotency_key: "k",
      fs_roots: [],
    };
    runner.handle({ type: "TASK_REQUEST", plan_id: "p", task_id: "t", payload });
    expect(await promise).toMatchObject({ type: "TASK_RESULT", payload: { output: { status: 200, body: { json: { ok: true } } } } });
  });

  it("refuses parameters that it does not know", () => {
    for (const params of [
      {},
      { url: 1 },
      { url: URL_ONE, method: "TRACE" },
      { url: URL_ONE, extra: 1 },
      { url: URL_ONE, body: { json: 1, text: "" } },
      { url: URL_ONE, expect_status: ["ok"] },
    ]) {
      expect(Check(HttpRequestInput, params)).toBe(false);
    }
  });
});
