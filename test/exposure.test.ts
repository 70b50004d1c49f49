// What of a node can be reached, by whom, from where. The gateway's own suite goes deeper; here it is the node as a person starts it.

import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROUTES, type Route } from "@kos/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundles } from "./support/bundles.fixture.ts";
import { type RunningNode, runningNode, startNode } from "./support/node.fixture.ts";
import { plan, run, write } from "./support/plan.fixture.ts";
import { type RawAnswer, rawRequest } from "./support/raw-request.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

let node: RunningNode;

beforeAll(async () => {
  node = await runningNode();
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

/** A request to the node with any header. */
function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET", body?: string): Promise<RawAnswer> {
  const { port } = new URL(node.url);
  return rawRequest(`http://127.0.0.1:${port}`, path, { headers: { host: `localhost:${port}`, ...headers }, method, body });
}

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "kos.1",
};

test("[R1] a node that was just started listens on loopback addresses only, on its own port and that of untrusted content", () => {
  const listening = socketsOf(node.child.pid);
  expect(listening.length).toBeGreaterThan(0);
  for (const { address } of listening) expect(["0100007F", "00000000000000000000000001000000"]).toContain(address);
  expect(new Set(listening.map(({ port }) => port)).size).toBe(2);
});

test("[R2] an address that others can reach is refused without the settings that protect it, and the message names them", async () => {
  const built = await bundles();
  for (const host of ["0.0.0.0", "::"]) {
    await using folder = await temporaryFolder();
    await using child = startNode(built, folder.path, { args: ["--set", `listen.host=${host}`] });
    const { code } = await child.ended;
    expect(code).not.toBe(0);
    expect(child.stdout()).toMatch(/allow_remote|behind_proxy|tls/);
  }
});

test("[R4] a WebSocket from a foreign, null or near-miss origin is refused before it opens; without origin it still needs a token", async () => {
  const { port } = new URL(node.url);
  for (const origin of [
    "https://evil.example",
    "null",
    `http://localhost:${Number(port) + 1}`,
    "http://127.0.0.1.evil.com",
    `http://localhost.evil.com:${port}`,
  ]) {
    expect((await ask("/ws", { ...upgrade, origin })).status, origin).toBe(403);
  }
  expect((await ask("/ws", upgrade)).status).toBe(101);
  const closed = Promise.withResolvers<CloseEvent>();
  const socket = new WebSocket(`${node.url.replace("http", "ws")}/ws`, "kos.1");
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "SUBSCRIBE", topics: ["plans"] })));
  socket.addEventListener("close", closed.resolve);
  expect((await closed.promise).code).toBe(4401);
});

test("[R5] what a client says of its own role is not taken: rights come from the token only", async () => {
  const closed = Promise.withResolvers<CloseEvent>();
  const socket = new WebSocket(`${node.url.replace("http", "ws")}/ws`, "kos.1");
  socket.addEventListener("open", () =>
    socket.send(JSON.stringify({ type: "AUTH", token: "none", role: "owner", scopes: ["manage:node"] })),
  );
  socket.addEventListener("close", closed.resolve);
  expect([4400, 4401, 1008]).toContain((await closed.promise).code);
  expect((await ask("/agent/status", { "x-role": "owner", "x-scopes": "read:agent" })).status).toBe(401);
});

test("[R6] a Host header of another name is refused on every route and on the socket", async () => {
  const { port } = new URL(node.url);
  for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.nip.io:${port}`, `localhost.evil.com:${port}`]) {
    for (const path of ["/health", "/agent/status", "/.well-known/klp.json", "/"]) {
      expect([403, 421], `${host}${path}`).toContain((await ask(path, { host, authorization: `Bearer ${node.token}` })).status);
    }
    expect([403, 421]).toContain((await ask("/ws", { ...upgrade, host })).status);
  }
});

test("[R7] no hostile origin is given access to an answer", async () => {
  const origins = [
    "https://evil.example",
    "null",
    "http://localhost:1",
    "http://127.0.0.1.evil.com",
    "file://",
    "http://[::1]:1",
    "https://localhost",
    "http://localhost.",
    "chrome-extension://abc",
    "http://evil@localhost",
  ];
  for (const origin of origins) {
    const answer = await ask("/agent/status", { origin, authorization: `Bearer ${node.token}` });
    expect(answer.headers["access-control-allow-origin"], origin).toBeUndefined();
    const preflight = await ask("/agent/task", { origin, "access-control-request-method": "POST" }, "OPTIONS");
    expect(preflight.headers["access-control-allow-origin"], origin).toBeUndefined();
  }
});

const OPEN = new Set(Object.entries<Route>(ROUTES).flatMap(([name, { scope }]) => (scope === "open" ? [name] : [])));

function address(route: Route): string {
  return route.path.replace(/:([a-z_]+)/g, () => "01a20000-0000-7000-8000-000000000000");
}

function knock(route: Route, token?: string): Promise<RawAnswer> {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), "content-type": "application/json" };
  // Without a length of its own Node would send the body of a DELETE as the beginning of another request.
  const body = route.method === "GET" ? undefined : "{}";
  return ask(address(route), { ...headers, ...(body !== undefined && { "content-length": `${body.length}` }) }, route.method, body);
}

test("[R10] [R12] without a token every route that is not open answers 401, with a wrong one too, and changes nothing", async () => {
  const closed = Object.entries<Route>(ROUTES).filter(([name]) => !OPEN.has(name));
  expect(closed.length).toBeGreaterThan(30);
  for (const [name, route] of closed) expect((await knock(route)).status, name).toBe(401);
  // A few only: whoever guesses is slowed down soon.
  for (const route of [ROUTES.submit, ROUTES.plans, ROUTES.stopNode, ROUTES.metrics]) {
    for (const token of ["wrong", `${node.token}x`, node.token.slice(0, -1)]) {
      expect((await knock(route, token)).status, `${route.path} with ${token}`).toBe(401);
    }
  }
  expect((await node.client.call("plans", { query: {} })).items).toEqual([]);
  expect([...OPEN].sort()).toEqual(["discovery", "exchangeTicket", "health", "openapi", "ready", "sharedArtifact"]);
});

test("[R25] guessing tokens is slowed down, and the owner is not", async () => {
  await using own = await runningNode();
  const { port } = new URL(own.url);
  const statuses = new Set<number>();
  for (let guess = 0; guess < 60 && !statuses.has(429); guess += 1) {
    const response = await fetch(`http://localhost:${port}/agent/status`, { headers: { authorization: `Bearer guess-${guess}` } });
    statuses.add(response.status);
  }
  expect([...statuses]).toEqual([401, 429]);
  expect((await own.client.call("status", {})).node.did).toBe(own.did);
});

test("[R28] a token in a query string is no token", async () => {
  expect((await ask(`/agent/status?token=${node.token}&access_token=${node.token}`)).status).toBe(401);
});

test("[R30] quotes and metacharacters in every parameter give no server error", async () => {
  const nasty = `'";DROP TABLE plan;--\u0000%27 OR 1=1`;
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    if (route.method !== "GET") continue;
    const path = route.path.replace(/:([a-z_]+)/g, () => encodeURIComponent(nasty));
    const query = `?${new URLSearchParams({ cursor: nasty, since: nasty, q: nasty, status: nasty, key: nasty, limit: nasty })}`;
    const { status, body } = await ask(path + query, { authorization: `Bearer ${node.token}` });
    expect(status, `${name}: ${body.slice(0, 300)}`).toBeLessThan(500);
  }
  expect((await run(node, plan([write("still", "there")]))).plan.status).toBe("succeeded");
});

test("[R43] a data folder, key or token that others may read is refused with the command that mends it", async () => {
  const built = await bundles();
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const first = await runningNode({ data });
  const modes = ["", "keys", "owner.token", "keys/node.key", "kos.db", "node.json"].map((path) => statSync(join(data, path)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o600, 0o600, expect.any(Number), 0o600]);
  await first.stop();
  await first[Symbol.asyncDispose]();
  for (const [path, open, closed] of [
    ["", 0o755, 0o700],
    ["keys/node.key", 0o644, 0o600],
    ["owner.token", 0o640, 0o600],
  ] as const) {
    chmodSync(join(data, path), open);
    await using child = startNode(built, data);
    expect((await child.ended).code, path).toBe(1);
    expect(child.stdout(), path).toContain("FORBIDDEN");
    expect(child.stdout(), path).toContain(`chmod ${closed.toString(8)}`);
    chmodSync(join(data, path), closed);
  }
});

test("[R138] errors tell no stack, no path of the program and no query; there is no route for debugging", async () => {
  const authorization = `Bearer ${node.token}`;
  const bodies = [
    await ask("/agent/task", { authorization, "content-type": "application/json" }, "POST", "{"),
    await ask("/agent/task", { authorization, "content-type": "application/json" }, "POST", '{"plan":{"tasks":5}}'),
    await ask("/agent/plan/nonsense", { authorization }),
    await ask("/artifact/search?limit=x", { authorization }),
    await ask("/config/explain?key=__proto__", { authorization }),
  ];
  for (const { status, body, headers } of bodies) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status, body).toBeLessThan(500);
    expect(headers["content-type"]).toContain("problem+json");
    expect(body).not.toMatch(/\bat .+:\d+:\d+|node_modules|dist\/node\.js|SELECT |\.ts:/);
  }
  for (const path of [
    "/json",
    "/json/list",
    "/debug",
    "/debug/pprof",
    "/_debug",
    "/__inspect",
    "/.env",
    "/node_modules",
    "/../package.json",
  ]) {
    expect((await ask(path, { authorization })).status, path).toBe(404);
  }
});

interface Listening {
  readonly address: string;
  readonly port: number;
}

/** The listening sockets of a process, as the kernel lists them; Linux. */
/** All that the process listens on, found by the sockets it holds. */
function socketsOf(pid: number): readonly Listening[] {
  const held = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(`/proc/${pid}/fd/${fd}`)));
  return ["tcp", "tcp6"].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && held.has(fields[9]))
      .map(([, local = ""]) => ({ address: local.split(":")[0] ?? "", port: Number.parseInt(local.split(":")[1] ?? "0", 16) })),
  );
}

/** The number of the socket behind a file descriptor; undefined for what is none, or is gone meanwhile. */
function socketOf(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    return undefined;
  }
}
