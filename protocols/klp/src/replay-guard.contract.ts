/** What every replay guard must do. A durable guard runs it with a `restart` that opens its store anew. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplayGuard, ReplayMark } from "./replay-guard.ts";

export interface ReplayGuardUnderTest {
  readonly guard: ReplayGuard;
  /** Sets the clock the guard reads. */
  setNow(nowMs: number): void;
  /** A guard that has lost all memory but what is durable. Left out by a guard that promises nothing beyond its process. */
  restart?(): ReplayGuard;
}

const START_MS = 1_800_000_000_000;
const KEEP_MS = 600_000;
const mark = (nonce: string, from = "kCore:main", forgetAtMs = START_MS + KEEP_MS): ReplayMark => ({ from, nonce, forgetAtMs });

/** `open` gives a guard that has seen nothing. The clock starts at `START_MS`. */
export function testReplayGuardContract(name: string, open: (startMs: number) => ReplayGuardUnderTest): void {
  describe(`[K30] ${name}: replay guard`, () => {
    test("[R54] a mark is new once and seen ever after", () => {
      const { guard } = open(START_MS);
      expect([guard.claim(mark("a")), guard.claim(mark("a")), guard.claim(mark("a"))]).toEqual([true, false, false]);
    });

    test("[R54] the same nonce under another timestamp is still the same nonce", () => {
      const { guard } = open(START_MS);
      expect([guard.claim(mark("a")), guard.claim(mark("a", "kCore:main", START_MS + KEEP_MS + 100_000))]).toEqual([true, false]);
    });

    test("senders do not share nonces, however the two are spelled", () => {
      const { guard } = open(START_MS);
      expect([
        guard.claim(mark("a", "kCore:b")),
        guard.claim(mark("a", "kCore:c")),
        guard.claim(mark("b:a", "kCore")),
        guard.claim(mark("a", "kCore:b")),
      ]).toEqual([true, true, true, false]);
    });

    test("[R54] nothing is forgotten up to the last millisecond of its time, however much comes in", () => {
      const opened = open(START_MS);
      for (let index = 0; index < 2000; index++) opened.guard.claim(mark(`n${index}`));
      for (const offsetMs of [1, 299_999, 300_001, KEEP_MS - 1, KEEP_MS]) {
        opened.setNow(START_MS + offsetMs);
        opened.guard.claim(mark(`filler ${offsetMs}`, "kCore:main", START_MS + offsetMs + KEEP_MS));
        for (let index = 0; index < 2000; index += 97) expect(opened.guard.claim(mark(`n${index}`))).toBe(false);
      }
    });

    test("a clock that steps back forgets nothing", () => {
      const opened = open(START_MS);
      opened.guard.claim(mark("a"));
      opened.setNow(START_MS - 3_600_000);
      expect(opened.guard.claim(mark("a"))).toBe(false);
      opened.setNow(START_MS + KEEP_MS);
      expect(opened.guard.claim(mark("a"))).toBe(false);
    });

    test("[K31] [R54] the counter of a session is not taken for a random nonce", () => {
      const { guard } = open(START_MS);
      expect(guard.claim(mark("AAAAAAAAAAAAAAAAAAAAAA.1"))).toBe(false);
    });

    test("[R54] in any order of claims and times, each pair is new once within its time", () => {
      const claim = fc.record({ from: fc.constantFrom("a", "b"), nonce: fc.constantFrom("x", "y", "z"), stepMs: fc.nat(120_000) });
      fc.assert(
        fc.property(fc.array(claim, { maxLength: 60 }), (claims) => {
          const opened = open(START_MS);
          const until = new Map<string, number>();
          let nowMs = START_MS;
          for (const { from, nonce, stepMs } of claims) {
            nowMs += stepMs;
            opened.setNow(nowMs);
            const key = `${from} ${nonce}`;
            const isNew = opened.guard.claim(mark(nonce, from, nowMs + KEEP_MS));
            if (nowMs <= (until.get(key) ?? 0)) expect(isNew).toBe(false);
            if (isNew) until.set(key, nowMs + KEEP_MS);
          }
        }),
      );
    });

    test("[R54] what was seen before a restart is seen after it", (context) => {
      const opened = open(START_MS);
      if (opened.restart === undefined) return context.skip("this guard promises nothing beyond its process");
      opened.guard.claim(mark("a"));
      const again = opened.restart();
      expect([again.claim(mark("a")), again.claim(mark("b"))]).toEqual([false, true]);
    });
  });
}
