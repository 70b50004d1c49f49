/** Replay guard in memory. It never forgets a mark before its time: when it is full it refuses new messages. */

import { KosError } from "./errors.ts";
import { isSessionNonce, type ReplayGuard, type ReplayMark } from "./replay-guard.ts";

export interface ReplayWindowOptions {
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Most marks held at once. Default 1,000,000 (about 100 MB). */
  readonly maxMarks?: number;
  /** Marks of an earlier run that may still be in their window. */
  readonly marks?: Iterable<ReplayMark>;
}

export interface ReplayWindow extends ReplayGuard {
  /** How many marks are held now. */
  size(): number;
}

/** Marks are dropped together, by the span of time in which they may go. */
const SPAN_MS = 30_000;

export function createReplayWindow(options: ReplayWindowOptions): ReplayWindow {
  const { now, maxMarks = 1_000_000 } = options;
  const held = new Set<string>();
  /** Keys by the span after whose end they may be forgotten. */
  const spans = new Map<number, string[]>();
  let sweptUpTo = Number.NEGATIVE_INFINITY;

  for (const mark of options.marks ?? []) claim(mark);
  return { claim, size: () => held.size };

  function claim(mark: ReplayMark): boolean {
    if (isSessionNonce(mark.nonce)) return false;
    sweep();
    const key = `${mark.from}\0${mark.nonce}`;
    if (held.has(key)) return false;
    if (held.size >= maxMarks) {
      throw new KosError("RATE_LIMITED", `More than ${maxMarks} messages within the replay window. Send fewer, or send them in a session.`);
    }
    held.add(key);
    const span = Math.floor(mark.forgetAtMs / SPAN_MS);
    const keys = spans.get(span);
    if (keys === undefined) spans.set(span, [key]);
    else keys.push(key);
    return true;
  }

  function sweep(): void {
    const current = Math.floor(now() / SPAN_MS);
    if (current <= sweptUpTo) return;
    sweptUpTo = current;
    for (const [span, keys] of spans) {
      if (span >= current) continue;
      for (const key of keys) held.delete(key);
      spans.delete(span);
    }
  }
}
