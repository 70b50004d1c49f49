import { ROUTES, type Route, type RouteName } from "@kos/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, LOW_ROLE, OWNER, openGateway, problem, type TestGateway } from "./gateway.fixture.ts";

const PATHS = (Object.entries(ROUTES) as [RouteName, Route][]).map(([name, route]) => ({
  name,
  ...route,
  url: route.path.replace(/:[a-z_]+/g, "0199a0b4-0000-7000-8000-000000000000"),
}));
const GUARDED = PATHS.filter(({ scope }) => scope !== "open");

let door: TestGateway;

beforeAll(async () => {
  door = await openGateway({ doorLimits: { failureBurst: 100_000 } });
});
afterAll(() => door[Symbol.asyncDispose]());

const host = () => `localhost:${door.port}`;
const signedIn = () => ({ host: host(), authorization: `Bearer ${OWNER}` });

describe("the table of routes", () => {
  it("[R12] gives every route a scope, and only these are open", () => {
    expect(PATHS.every(({ scope }) => scope !== undefined)).toBe(true);
    expect(
      PATHS.filter(({ scope }) => scope === "open")
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(["/.well-known/klp.json", "/artifact/shared/:token", "/auth/session", "/health", "/openapi.json", "/ready"].toSorted());
  });

  const wrong: readonly (readonly [string, string | undefined])[] = [
    ["no token", undefined],
    ["an empty token", "Bearer "],
    ["a wrong token", "Bearer kos_owner_token_for_testt"],
    ["another scheme", `Basic ${Buffer.from(`owner:${OWNER}`).toString("base64")}`],
    ["the token without a scheme", OWNER],
    ["two tokens", `Bearer ${OWNER} ${OWNER}`],
  ];
  describe.each(GUARDED)("[R12] [R10] $method $path", ({ name, method, url }) => {
    it.each(wrong)("answers 401 to %s, and calls no handler", async (_, authorization) => {
      const before = door.calls.length;
      const answer = await ask(door.port, method, url, { host: host(), ...(authorization !== undefined && { authorization }) });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
      expect(problem(answer.text)).toMatchObject({ code: "UNAUTHORIZED", status: 401 });
      expect(door.calls).toHaveLength(before);
    });

    it("answers 401 to an expired session", async () => {
      const { token } = door.tokens.exchange(door.tokens.issueTicket().ticket);
      const sent = { host: host(), authorization: `Bearer ${token}` };
      expect(door.tokens.verify(token)).toBeDefined();
      door.time.advance(12 * 3_600_000);
      expect((await ask(door.port, method, url, sent)).status).toBe(401);
    });

    it("answers 403 to a token without the scope, and calls no handler", async () => {
      const answer = await ask(door.port, method, url, { host: host(), authorization: `Bearer ${LOW_ROLE}` });
      expect(answer.status).toBe(403);
      expect(problem(answer.text)).toMatchObject({ code: "INSUFFICIENT_SCOPE" });
      expect(door.calls.some((call) => call.name === name)).toBe(false);
    });
  });

  it("[R28] takes a token from the Authorization header only", async () => {
    for (const sent of [{ "x-api-key": OWNER }, { cookie: `token=${OWNER}` }]) {
      expect((await ask(door.port, "GET", "/agent/status", { host: host(), ...sent })).status).toBe(401);
    }
    for (const query of [`?token=${OWNER}`, `?access_token=${OWNER}`]) {
      expect((await ask(door.port, "GET", `/agent/status${query}`, { host: host() })).status).toBe(401);
      expect((await ask(door.port, "GET", `/agent/status${query}`, signedIn())).status).toBe(400);
    }
  });
});

describe("Host, Origin and Sec-Fetch", () => {
  it.each(PATHS.map(({ method, url }) => [method, url] as const))(
    "[R6] %s %s refuses the host name of a rebinding",
    async (method, url) => {
      for (const name of ["evil.example", `evil.example:${door.port}`, "localhost", `localhost.evil.example:${door.port}`, "localhost:1"]) {
        expect((await ask(door.port, method, url, { host: name, authorization: `Bearer ${OWNER}` })).status).toBe(403);
      }
    },
  );

  it("[R6] refuses an unknown path under a foreign host name in the same way", async () => {
    expect((await ask(door.port, "GET", "/nothing", { host: "evil.example" })).status).toBe(403);
    expect((await ask(door.port, "GET", "/", { host: "evil.example" })).status).toBe(403);
  });

  it("answers to every loopback name with the right port", async () => {
    for (const name of ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"]) {
      expect((await ask(door.port, "GET", "/health", { host: `${name}:${door.port}` })).status).toBe(200);
    }
  });

  const hostile = () => [
    "null",
    "https://evil.example",
    `http://localhost:${door.port + 1}`,
    "http://localhost",
    `https://localhost:${door.port}`,
    `http://127.0.0.1:${door.port}`,
    `http://127.0.0.1.evil.com:${door.port}`,
    `http://localhost:${door.port}.evil.com`,
    `http://localhost:${door.port}@evil.com`,
    "file://",
    "chrome-extension://abcdefghijklmnop",
    `http://localhost:${door.port}/`,
  ];

  it("[R7] echoes no hostile origin and lets none in", async () => {
    for (const origin of hostile()) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await ask(door.port, method, "/agent/status", { ...signedIn(), origin });
        expect([origin, answer.status]).toEqual([origin, 403]);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    }
  });

  it("lets its own origin in, under each of its names", async () => {
    for (const name of ["localhost", "127.0.0.1"]) {
      const own = `${name}:${door.port}`;
      expect((await ask(door.port, "GET", "/agent/status", { ...signedIn(), host: own, origin: `http://${own}` })).status).toBe(200);
    }
  });

  it("tells browsers of a listed origin, without credentials, and nobody else", async () => {
    await using open = await openGateway({ allowedOrigins: ["https://console.example"] });
    const headers = { host: `localhost:${open.port}`, authorization: `Bearer ${OWNER}`, origin: "https://console.example" };
    const answer = await ask(open.port, "GET", "/agent/status", headers);
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe("https://console.example");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    const preflight = await ask(open.port, "OPTIONS", "/agent/plan/x", { ...headers, "access-control-request-method": "PATCH" });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-methods"]).toBe("GET, PATCH, HEAD, OPTIONS");
    expect((await ask(open.port, "GET", "/agent/status", { ...headers, origin: "https://console.example.evil" })).status).toBe(403);
  });

  it("[R8] refuses what another site's page sends without an origin", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const answer = await ask(door.port, "GET", "/agent/status", { ...signedIn(), "sec-fetch-site": site, "sec-fetch-mode": "no-cors" });
      expect(answer.status).toBe(403);
      expect(
        (await ask(door.port, "GET", "/agent/status", { ...signedIn(), "sec-fetch-site": site, "sec-fetch-mode": "navigate" })).status,
      ).toBe(403);
    }
    expect((await ask(door.port, "GET", "/agent/status", { ...signedIn(), "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it("lets other sites link to the page for people, not load it", async () => {
    const from = { host: host(), "sec-fetch-site": "cross-site" };
    expect((await ask(door.port, "GET", "/", { ...from, "sec-fetch-mode": "navigate" })).status).toBe(200);
    expect((await ask(door.port, "GET", "/", { ...from, "sec-fetch-mode": "no-cors" })).status).toBe(403);
  });

  it("[R8] refuses bodies of the kinds a form can send with 415", async () => {
    const before = door.calls.length;
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "text/json",
    ]) {
      const answer = await ask(door.port, "POST", "/agent/task", { ...signedIn(), "content-type": type }, '{"goal":"x"}');
      expect([type, answer.status]).toEqual([type, 415]);
    }
    expect((await ask(door.port, "POST", "/agent/task", signedIn(), '{"goal":"x"}')).status).toBe(415);
    expect(door.calls).toHaveLength(before);
  });

  it("[R11] takes nobody's word for where a request comes from", async () => {
    await using strict = await openGateway({ doorLimits: { failureBurst: 3 } });
    const codes: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const forged = {
        host: `localhost:${strict.port}`,
        "x-forwarded-for": `10.0.0.${i}`,
        "x-forwarded-host": "localhost",
        forwarded: `for=10.0.0.${i}`,
      };
      codes.push((await ask(strict.port, "GET", "/agent/status", { ...forged, authorization: "Bearer wrong" })).status);
    }
    expect(codes).toEqual([401, 401, 401, 429, 429]);
  });
});

describe("what an answer shows", () => {
  const expected = [
    "x-content-type-options",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
  ];

  it("[R139] puts the protecting headers on every answer, whatever its status", async () => {
    const answers = await Promise.all([
      ask(door.port, "GET", "/", { host: host() }),
      ask(door.port, "GET", "/health", { host: host() }),
      ask(door.port, "HEAD", "/health", { host: host() }),
      ask(door.port, "OPTIONS", "/health", { host: host() }),
      ask(door.port, "PUT", "/health", { host: host() }),
      ask(door.port, "GET", "/nothing", { host: host() }),
      ask(door.port, "GET", "/%zz", { host: host() }),
      ask(door.port, "GET", `/agent/task/${"a".repeat(400)}`, signedIn()),
      ask(door.port, "GET", "/agent/status", { host: "evil.example" }),
      ask(door.port, "GET", "/agent/status", { host: host() }),
      ask(door.port, "GET", "/metrics", signedIn()),
      ask(door.port, "GET", "/artifact/x/content", signedIn()),
      ask(door.port, "POST", "/agent/task", { ...signedIn(), "content-type": "application/json" }, "{"),
      ask(door.port, "GET", "/health", { host: host(), padding: "a".repeat(17_000) }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 204, 405, 404, 400, 414, 403, 401, 200, 200, 400, 431]);
    for (const { headers } of answers) {
      for (const name of expected) expect(headers[name]).toBeTruthy();
      expect(headers["server"] ?? headers["x-powered-by"]).toBeUndefined();
    }
  });

  it("[R138] says nothing of the inside when a handler breaks, and tells the node", async () => {
    const secret = new Error("SQLITE_ERROR: no such table: plans at /home/owner/.kos/store.db");
    await using broken = await openGateway({ handlers: { status: () => Promise.reject(secret) } });
    const answer = await broken.fetch("/agent/status");
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(text).not.toMatch(/SQLITE|\/home|store\.db|\.ts|at /);
    expect(problem(text)).toMatchObject({
      code: "INTERNAL",
      type: "urn:kos:error:INTERNAL",
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(broken.internalErrors).toEqual([secret]);
  });

  it("[R138] has no debug door", async () => {
    for (const path of [
      "/debug",
      "/json",
      "/json/list",
      "/__inspect",
      "/metrics/",
      "/health/",
      "//health",
      "/.git/config",
      "/%2e%2e/etc/passwd",
    ]) {
      expect((await ask(door.port, "GET", path, signedIn())).status).toBe(404);
    }
  });

  it("[R30] answers SQL and control characters in every place without a 500", async () => {
    const evil = [
      "' OR 1=1--",
      "%00",
      '"; DROP TABLE plans;--',
      "%0d%0aset-cookie:a",
      "${7*7}",
      "\\",
      "😀",
      "%F0%9F%98%80",
      "../../etc/passwd",
    ].map((text) => (text.startsWith("%") ? text : encodeURIComponent(text)));
    for (const text of evil) {
      for (const path of [
        `/agent/plan/${text}`,
        `/agent/plan?cursor=${text}`,
        `/agent/plan?status=${text}`,
        `/artifact/search?q=${text}`,
        `/agent/plan?${text}=1`,
      ]) {
        expect(
          (await ask(door.port, "GET", path, { ...signedIn(), "idempotency-key": "a'b", range: decodeURIComponent("bytes=0-'") })).status,
        ).toBeLessThan(500);
      }
    }
    expect(door.internalErrors).toEqual([]);
  });
});
