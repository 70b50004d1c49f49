import type { ServerFrame } from "@kos/api";
import { frameOf, PLAN_ID } from "@kos/api/scripted-run.fixture";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";
import { createNodeFeed } from "./node-feed.ts";

/** A node of sockets that the test opens, feeds and breaks. */
function nodeOf() {
  const sockets: FakeSocket[] = [];
  class FakeSocket extends EventTarget {
    readonly sent: { readonly type: string; readonly id?: string; readonly since?: string }[] = [];
    constructor() {
      super();
      sockets.push(this);
    }
    send(text: string): void {
      this.sent.push(JSON.parse(text) as never);
    }
    close(code = 1006): void {
      this.dispatchEvent(Object.assign(new Event("close"), { code }));
    }
    say(frame: object): void {
      this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
    }
    /** Open and subscribed. */
    accept(): void {
      this.dispatchEvent(new Event("open"));
      for (const { id } of this.sent) this.say({ type: "SYSTEM_STATUS", payload: { status: "ok", data: {} }, correlation_id: id });
    }
  }
  return { sockets, create: () => new FakeSocket() as unknown as WebSocket };
}

function followed() {
  const { sockets, create } = nodeOf();
  const states: string[] = [];
  const frames: ServerFrame[] = [];
  const stop = new AbortController();
  const done = follow({
    url: "ws://localhost:3000/ws",
    token: "secret",
    topics: [`plan:${PLAN_ID}`],
    createSocket: create,
    pause: async () => undefined,
    signal: stop.signal,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
  });
  const socket = async (count: number) => {
    await expect.poll(() => sockets.length).toBeGreaterThanOrEqual(count);
    const found = sockets[count - 1];
    if (found === undefined) throw new Error("no socket");
    return found;
  };
  return { socket, states, frames, done, stop };
}

describe("following the node", () => {
  it("[R120] goes on from the last cursor when the connection breaks, also after it had been given up", async () => {
    const { socket, states, frames, done, stop } = followed();
    const first = await socket(1);
    first.accept();
    first.say(frameOf({ event: "plan.started" }, 1));
    await expect.poll(() => frames.length).toBe(1);
    first.close();
    // Twenty-one attempts in a row fail: the stream gives up, following does not.
    for (let count = 2; count <= 23; count += 1) (await socket(count)).close();
    const last = await socket(24);
    last.accept();
    expect(last.sent.find(({ type }) => type === "SUBSCRIBE")).toMatchObject({ since: "1" });
    last.say(frameOf({ event: "plan.paused" }, 2));
    await expect.poll(() => frames.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(states[0]).toBe("connecting");
    expect(states).toContain("lost");
    expect(states.at(-1)).toBe("live");
    stop.abort();
    await done;
  });

  it("ends with an error when the token is refused", async () => {
    const { socket, done } = followed();
    (await socket(1)).close(4401);
    await expect(done).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("the feed of the node", () => {
  it("counts plans and agents as changed by their frames, and after every loss", () => {
    const feed = createNodeFeed();
    feed.takeState("live");
    const before = [feed.plans.get(), feed.agents.get()];
    feed.take(frameOf({ event: "plan.finished" }, 4));
    feed.take({ type: "AGENT_STATUS", agent: "a", task_id: null, payload: { status: "busy", data: {} }, timestamp: "" });
    expect([feed.plans.get(), feed.agents.get()]).toEqual(before.map((count) => count + 1));
    feed.takeState("lost");
    feed.takeState("live");
    expect([feed.plans.get(), feed.agents.get()]).toEqual(before.map((count) => count + 2));
  });
});
