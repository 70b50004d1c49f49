import { describe, expect, it } from "vitest";
import type { ClientFrame, ServerFrame } from "./frame.ts";
import { type FrameStreamOptions, frameStream } from "./frame-stream.ts";

/** A socket whose other side is the test. */
class FakeSocket extends EventTarget {
  readonly sent: ClientFrame[] = [];
  readyState = 1;
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close(code = 1000): void {
    if (this.closed) return;
    this.closed = true;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
  say(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: typeof data === "string" ? data : JSON.stringify(data) }));
  }
  open(): void {
    this.dispatchEvent(new Event("open"));
  }
}

function stream(options: Partial<FrameStreamOptions> = {}) {
  const sockets: FakeSocket[] = [];
  const pauses: number[] = [];
  const frames = frameStream({
    url: "ws://localhost:3000/ws",
    token: "secret",
    topics: ["plans"],
    createSocket() {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    async pause(ms) {
      pauses.push(ms);
    },
    signal: new AbortController().signal,
    ...options,
  });
  const latest = async (count: number) => {
    await expect.poll(() => sockets.length).toBe(count);
    const socket = sockets.at(-1);
    if (!socket) throw new Error("no socket");
    return socket;
  };
  return { frames, sockets, pauses, latest };
}

const base = { agent: "kCore:main", task_id: null, timestamp: "2026-01-01T00:00:00.000Z" };
const durable = (seq: number): ServerFrame => ({
  ...base,
  type: "PLAN_UPDATE",
  payload: { status: "running", data: {} },
  seq,
  cursor: `c${seq}`,
});
const refusal = (code: string, retryable: boolean): ServerFrame => ({
  ...base,
  type: "AGENT_ERROR",
  correlation_id: "subscribe",
  payload: { status: "error", data: { code, message: "No.", retryable } },
});

describe("frameStream", () => {
  it("ends at once when nobody wants it before it is open, sends no token then, and closes the socket once it is", async () => {
    const stop = new AbortController();
    const { frames, latest } = stream({ signal: stop.signal });
    const next = frames.next();
    const socket = await latest(1);
    socket.readyState = 0;
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(socket.closed).toBe(false);
    socket.readyState = 1;
    socket.open();
    expect([socket.closed, socket.sent]).toEqual([true, []]);
  });

  it("signs in with the first frame, subscribes with the second, and keeps the token out of the address", async () => {
    const { frames, latest } = stream({ since: "c9" });
    const next = frames.next();
    const socket = await latest(1);
    socket.open();
    expect(socket.sent).toEqual([
      { type: "AUTH", id: "auth", token: "secret" },
      { type: "SUBSCRIBE", id: "subscribe", topics: ["plans"], since: "c9" },
    ]);
    socket.say(durable(10));
    expect((await next).value?.seq).toBe(10);
  });

  it("resumes from the last durable frame, not from a transient one, and hands on what had come before the cut", async () => {
    const { frames, latest } = stream();
    const first = frames.next();
    const socket = await latest(1);
    socket.open();
    for (const frame of [
      durable(1),
      durable(2),
      { ...base, type: "TASK_PROGRESS", cursor: "c99", payload: { status: "running", data: {} } },
    ])
      socket.say(frame);
    socket.close(1006);
    expect([(await first).value?.seq, (await frames.next()).value?.seq, (await frames.next()).value?.type]).toEqual([
      1,
      2,
      "TASK_PROGRESS",
    ]);
    const next = frames.next();
    const again = await latest(2);
    again.open();
    expect(again.sent[1]).toMatchObject({ since: "c2" });
    again.say(durable(3));
    expect((await next).value?.seq).toBe(3);
  });

  it("waits longer after each failure, and begins anew after a frame", async () => {
    const { frames, latest, pauses } = stream();
    const next = frames.next();
    for (let attempt = 1; attempt <= 8; attempt += 1) (await latest(attempt)).close(1006);
    (await latest(9)).say(durable(1));
    expect(pauses).toEqual([100, 250, 500, 1000, 2000, 5000, 5000, 5000]);
    await next;
    const after = frames.next();
    (await latest(9)).close(1006);
    (await latest(10)).say(durable(2));
    await after;
    expect(pauses.at(-1)).toBe(100);
  });

  it("throws what no new connection can mend, and tries again after what may pass", async () => {
    const wrong = stream();
    const refused = wrong.frames.next().catch((error: unknown) => error);
    (await wrong.latest(1)).close(4401);
    expect(await refused).toMatchObject({ code: "UNAUTHORIZED" });
    const unknown = stream();
    const missing = unknown.frames.next().catch((error: unknown) => error);
    (await unknown.latest(1)).say(refusal("NOT_FOUND", false));
    expect(await missing).toMatchObject({ code: "NOT_FOUND" });
    const busy = stream();
    const next = busy.frames.next();
    (await busy.latest(1)).say(refusal("UNAVAILABLE", true));
    (await busy.latest(2)).say(durable(1));
    expect((await next).value?.seq).toBe(1);
  });

  it("takes what is no frame for a broken connection", async () => {
    for (const junk of ["", "{", "5", "null", "{}"]) {
      const { frames, latest } = stream();
      const next = frames.next();
      (await latest(1)).say(junk);
      (await latest(2)).say(durable(1));
      expect((await next).value?.seq).toBe(1);
    }
  });

  it("lets a bounded number wait for a slow consumer, and loses none of them", async () => {
    const { frames, latest } = stream();
    const first = frames.next();
    const socket = await latest(1);
    for (let seq = 1; !socket.closed; seq += 1) socket.say(durable(seq));
    await first;
    for (let seq = 2; seq <= 10_000; seq += 1) expect((await frames.next()).value?.seq).toBe(seq);
    const next = frames.next();
    const again = await latest(2);
    again.open();
    expect(again.sent[1]).toMatchObject({ since: "c10000" });
    again.say(durable(10_001));
    await next;
  });

  it("ends at once when it is aborted, and opens nothing when it already was", async () => {
    const stop = new AbortController();
    const { frames, latest } = stream({ signal: stop.signal });
    const next = frames.next();
    await latest(1);
    stop.abort();
    expect((await next).done).toBe(true);
    const never = stream({ signal: stop.signal });
    expect((await never.frames.next()).done).toBe(true);
    expect(never.sockets).toHaveLength(0);
  });
});
