import { expect, test } from "vitest";
import { testReplayGuardContract } from "./replay-guard.contract.ts";
import type { ReplayMark } from "./replay-guard.ts";
import { createReplayWindow } from "./replay-window.ts";
import { createSession } from "./session.ts";

testReplayGuardContract("in memory", (startMs) => {
  let nowMs = startMs;
  const window = createReplayWindow({ now: () => nowMs });
  return { guard: window, setNow: (value) => void (nowMs = value) };
});

testReplayGuardContract("in memory, marks written down by the caller", (startMs) => {
  let nowMs = startMs;
  const now = () => nowMs;
  const written: ReplayMark[] = [];
  const window = createReplayWindow({ now });
  const claim = (mark: ReplayMark) => window.claim(mark) && written.push(mark) > 0;
  return { guard: { claim }, setNow: (value) => void (nowMs = value), restart: () => createReplayWindow({ now, marks: written }) };
});

testReplayGuardContract("a session that passes on what is not its own", (startMs) => {
  let nowMs = startMs;
  const others = createReplayWindow({ now: () => nowMs });
  return { guard: createSession({ id: "B".repeat(22), peer: "kCore:main", others }), setNow: (value) => void (nowMs = value) };
});

test("[R54] when full it refuses new messages rather than forget old ones, and recovers as time passes", () => {
  let nowMs = 0;
  const window = createReplayWindow({ now: () => nowMs, maxMarks: 3 });
  for (const nonce of ["a", "b", "c"]) window.claim({ from: "f", nonce, forgetAtMs: 600_000 });
  expect(() => window.claim({ from: "f", nonce: "d", forgetAtMs: 600_000 })).toThrow(
    expect.objectContaining({ code: "RATE_LIMITED", retryable: true }),
  );
  expect(window.claim({ from: "f", nonce: "a", forgetAtMs: 600_000 })).toBe(false);
  nowMs = 660_000;
  expect(window.claim({ from: "f", nonce: "d", forgetAtMs: nowMs + 600_000 })).toBe(true);
});

test("what is over is dropped, so memory follows the rate and not the age", () => {
  let nowMs = 0;
  const window = createReplayWindow({ now: () => nowMs });
  for (let second = 0; second < 7200; second++) {
    nowMs = second * 1000;
    window.claim({ from: "f", nonce: String(second), forgetAtMs: nowMs + 600_000 });
  }
  expect(window.size()).toBeLessThan(680);
  expect(window.size()).toBeGreaterThanOrEqual(600);
});
