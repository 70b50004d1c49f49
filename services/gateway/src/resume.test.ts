import { createClient, type FrameStreamOptions, frameStream, type ServerFrame } from "@kos/api";
import { isKosError, KosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import type { FrameSource, FrameSubscription } from "./frame-source.ts";
import { OWNER, openGateway, type TestGateway } from "./gateway.fixture.ts";

const TOPIC = "plan:0199a0b4-0000-7000-8000-000000000000";

/** A log that grows, read from a cursor and then followed; the least a source has to do. */
function logSource(): FrameSource & { append(): void } {
  const log: ServerFrame[] = [];
  const followers = new Set<FrameSubscription>();
  return {
    append() {
      const seq = log.length + 1;
      const base = { agent: "kCore:main", task_id: null, payload: { status: "running", data: {} }, timestamp: "2026-01-01T00:00:00.000Z" };
      const frame: ServerFrame = { ...base, type: "TASK_UPDATE", seq, cursor: `c${seq}` };
      log.push(frame);
      for (const { deliver } of followers) {
        deliver(frame);
        deliver({ ...base, type: "TASK_PROGRESS" });
      }
    },
    subscribe(subscription) {
      const { since, deliver, fail } = subscription;
      const from = since === undefined ? 0 : log.findIndex(({ cursor }) => cursor === since) + 1;
      if (since !== undefined && from === 0) {
        fail(new KosError("BAD_REQUEST", "This cursor is not one of ours."));
        return () => undefined;
      }
      for (const frame of log.slice(from)) deliver(frame);
      followers.add(subscription);
      return () => void followers.delete(subscription);
    },
  };
}

function stream(door: TestGateway, options: Partial<FrameStreamOptions> = {}) {
  const sockets: NodeWebSocket[] = [];
  const frames = frameStream({
    url: `${door.url.replace("http", "ws")}/ws`,
    token: OWNER,
    topics: [TOPIC],
    createSocket(url, protocol) {
      const socket = new NodeWebSocket(url, protocol);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    pause: () => Promise.resolve(),
    signal: new AbortController().signal,
    ...options,
  });
  return { frames, sockets };
}

describe("frameStream against the gateway", () => {
  it("[R120] gives every durable frame once and in order, wherever the connection is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("append", "append", "cut", "read", "turn"), { minLength: 1, maxLength: 60 }),
        async (steps) => {
          const source = logSource();
          await using door = await openGateway({ frames: source, doorLimits: { maxSockets: 10_000 } });
          const { frames, sockets } = stream(door);
          const seen: (number | undefined)[] = [];
          let appended = 0;
          const read = async () => {
            for (;;) {
              const next = await frames.next();
              if (next.value?.type === "TASK_PROGRESS") continue;
              seen.push(next.value?.seq);
              return;
            }
          };
          for (const step of steps) {
            if (step === "append") {
              appended += 1;
              source.append();
            } else if (step === "cut") sockets.at(-1)?.terminate();
            else if (step === "read" && seen.length < appended) await read();
            else await new Promise<void>((resolve) => setImmediate(resolve));
          }
          while (seen.length < appended) await read();
          expect(seen).toEqual(Array.from({ length: appended }, (_, i) => i + 1));
          await frames.return(undefined);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("begins behind the cursor it is given, and shows no answer to its own frames", async () => {
    const source = logSource();
    for (let i = 0; i < 5; i += 1) source.append();
    await using door = await openGateway({ frames: source });
    const { frames } = stream(door, { since: "c3" });
    expect([(await frames.next()).value?.seq, (await frames.next()).value?.seq]).toEqual([4, 5]);
    await frames.return(undefined);
  });

  it("says UNAUTHORIZED for a wrong token and does not try again", async () => {
    await using door = await openGateway();
    const { frames, sockets } = stream(door, { token: "wrong" });
    await expect(frames.next()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(sockets).toHaveLength(1);
  });

  it("passes on what refuses the topics", async () => {
    await using door = await openGateway({ frames: logSource() });
    await expect(stream(door, { since: "foreign" }).frames.next()).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("tries again after what may pass, and gives up with UNAVAILABLE when the node stays away", async () => {
    const door = await openGateway({ frames: logSource() });
    await door.gateway.close();
    const attempts: number[] = [];
    const { frames } = stream(door, { onDisconnect: (attempt) => attempts.push(attempt) });
    await expect(frames.next()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(attempts).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it("ends without an error when it is told to", async () => {
    await using door = await openGateway({ frames: logSource() });
    const stop = new AbortController();
    const { frames, sockets } = stream(door, { signal: stop.signal });
    const next = frames.next();
    await expect.poll(() => sockets[0]?.readyState).toBe(1);
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe("createClient against the gateway", () => {
  const client = (door: TestGateway, token: string | undefined = OWNER) =>
    createClient({ baseUrl: door.url, fetch, ...(token !== undefined && { token }) });

  it("sends path, query, body, key and grant as the gateway takes them", async () => {
    await using door = await openGateway();
    await client(door).call("plans", { query: { limit: 5 } });
    await client(door).call("submit", { body: { goal: "x" } }, { idempotencyKey: "k1", grant: "0123456789abcdef" });
    await client(door).call("cancelPlan", { params: { plan_id: "a/b" }, body: {} });
    await client(door).upload("päper.txt", new TextEncoder().encode("hello"), "application/json");
    expect(
      door.calls.map(({ name, request }) => [
        name,
        request["params"],
        request["query"],
        request["body"],
        request["idempotencyKey"],
        request["grant"],
      ]),
    ).toEqual([
      ["plans", {}, { limit: 5 }, undefined, undefined, undefined],
      ["submit", {}, {}, { goal: "x" }, "k1", "0123456789abcdef"],
      ["cancelPlan", { plan_id: "a/b" }, {}, {}, undefined, undefined],
      ["uploadArtifact", {}, { name: "päper.txt" }, undefined, undefined, undefined],
    ]);
  });

  it("throws what the handler threw, as far as it may be shown", async () => {
    const error = new KosError("DEFINITION_CHANGED", "The playbook changed.", { details: { stale: ["a"] }, planId: "p" });
    await using door = await openGateway({ handlers: { plan: () => Promise.reject(error) } });
    const thrown = await client(door)
      .call("plan", { params: { plan_id: "p" } })
      .catch((caught: unknown) => caught);
    expect(isKosError(thrown, "DEFINITION_CHANGED")).toBe(true);
    expect(thrown).toMatchObject({ message: "The playbook changed.", details: { stale: ["a"] }, planId: "p", retryable: false });
    await expect(client(door, "wrong").call("status", {})).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("opens bytes as they are", async () => {
    await using door = await openGateway();
    const answer = await client(door).open("artifactContent", { params: { artifact_id: "a" } });
    expect(await answer.text()).toBe("artifactContent");
  });

  it("signs in with a ticket, once", async () => {
    const tokens = await openGateway().then(async (door) => {
      await door.gateway.close();
      return door.tokens;
    });
    await using door = await openGateway({
      tokens,
      handlers: {
        async exchangeTicket({ body }) {
          const { token, expiresAtMs } = tokens.exchange(body.ticket);
          return { token, expires_at: new Date(expiresAtMs).toISOString() };
        },
      },
    });
    const { ticket } = tokens.issueTicket();
    const anyone = createClient({ baseUrl: door.url, fetch });
    const { token } = await anyone.call("exchangeTicket", { body: { ticket } });
    await expect(client(door, token).call("status", {})).resolves.toBeDefined();
    await expect(anyone.call("exchangeTicket", { body: { ticket } })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});
