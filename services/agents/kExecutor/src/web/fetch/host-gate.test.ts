import { describe, expect, test } from "vitest";
import { createHostGate, type GateClock } from "./host-gate.ts";
import { retryAfterMs } from "./retry-after.ts";

/** A clock that is moved by hand. */
function handClock() {
  let nowMs = 1000;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  const clock: GateClock = {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  return {
    clock,
    timers,
    async advance(ms: number) {
      nowMs += ms;
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= nowMs)) {
        timers.delete(timer);
        timer.run();
      }
      await new Promise(setImmediate);
    },
  };
}

const never = new AbortController().signal;

function entering(
  gate: ReturnType<typeof createHostGate>,
  host: string,
  manners: { delayMs: number; maxConcurrent: number },
  signal = never,
) {
  const entry: { turn?: Disposable; error?: unknown } = {};
  gate.enter(host, manners, signal).then(
    (turn) => void (entry.turn = turn),
    (error: unknown) => void (entry.error = error),
  );
  return entry;
}

describe("manners towards a host", () => {
  test("[WM1] so many at once and no more, in the order they came; other hosts do not wait", async () => {
    const { clock, advance } = handClock();
    const gate = createHostGate(clock);
    const manners = { delayMs: 0, maxConcurrent: 2 };
    const [one, two, three, other] = [
      entering(gate, "a", manners),
      entering(gate, "a", manners),
      entering(gate, "a", manners),
      entering(gate, "b", manners),
    ];
    await advance(0);
    expect([one.turn, two.turn, three.turn, other.turn].map((turn) => turn !== undefined)).toEqual([true, true, false, true]);
    one.turn?.[Symbol.dispose]();
    one.turn?.[Symbol.dispose]();
    await advance(0);
    expect(three.turn).toBeDefined();
  });

  test("[WM1] the time between two starts is kept, also by somebody who comes when nobody waits", async () => {
    const { clock, advance } = handClock();
    const gate = createHostGate(clock);
    const manners = { delayMs: 200, maxConcurrent: 8 };
    const entries = [entering(gate, "a", manners), entering(gate, "a", manners)];
    await advance(199);
    expect(entries.filter(({ turn }) => turn !== undefined)).toHaveLength(1);
    await advance(1);
    expect(entries.filter(({ turn }) => turn !== undefined)).toHaveLength(2);
    const late = entering(gate, "a", manners);
    await advance(100);
    expect(late.turn).toBeUndefined();
    await advance(100);
    expect(late.turn).toBeDefined();
  });

  test("[WM2] a pause is for everybody", async () => {
    const { clock, advance } = handClock();
    const gate = createHostGate(clock);
    gate.pause("a", clock.now() + 5000);
    gate.pause("a", clock.now() + 10);
    const entry = entering(gate, "a", { delayMs: 0, maxConcurrent: 1 });
    await advance(4999);
    expect(entry.turn).toBeUndefined();
    await advance(1);
    expect(entry.turn).toBeDefined();
  });

  test("whoever is cancelled leaves the queue, and the one behind goes on; no timer is left", async () => {
    const { clock, advance, timers } = handClock();
    const gate = createHostGate(clock);
    const manners = { delayMs: 50, maxConcurrent: 1 };
    const controller = new AbortController();
    const first = entering(gate, "a", manners);
    await advance(0);
    const [cancelled, behind] = [entering(gate, "a", manners, controller.signal), entering(gate, "a", manners)];
    controller.abort();
    first.turn?.[Symbol.dispose]();
    await advance(50);
    expect(cancelled.error).toMatchObject({ code: "CANCELLED" });
    expect(behind.turn).toBeDefined();
    expect(timers.size).toBe(0);
    expect(entering(gate, "a", manners, AbortSignal.abort()).turn).toBeUndefined();
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);

  test.each([
    ["120", 120_000],
    ["0", 0],
    ["Fri, 02 Jan 2026 03:04:15 GMT", 10_000],
    ["Fri, 02 Jan 2026 03:00:00 GMT", 0],
    [undefined, undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1e9", undefined],
    ["99999999999999", undefined],
  ])("%j is %s ms", (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
