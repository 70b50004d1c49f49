/** The port that decides whether a message is new. Drivers: replay-window.ts (in memory) and session.ts (counters); a durable one lies with the engine. */

/** What identifies a message for ever, and how long it has to be remembered. */
export interface ReplayMark {
  readonly from: string;
  readonly nonce: string;
  /** Unix time in milliseconds; up to then the mark must not be forgotten. */
  readonly forgetAtMs: number;
}

/**
 * Asked once per message, last of all checks, so only authentic messages reach it.
 * A durable guard loads its marks at start, answers from memory, and has the caller write the mark in the transaction of what the message
 * causes (`replayMark` gives the row); a message whose transaction fails is sealed again by its sender.
 */
export interface ReplayGuard {
  /**
   * True exactly once for each pair of `from` and `nonce`; false for every later claim before `forgetAtMs`, and for a session's nonce
   * (`isSessionNonce`) outside that session: the counter of one session must not pass as a random nonce in another.
   * @throws KosError RATE_LIMITED when no more marks can be held: a guard refuses new messages rather than forget old ones.
   */
  claim(mark: ReplayMark): boolean;
}

/** Fifteen digits at most, so that a counter is always exact. */
const SESSION_NONCE = /^[A-Za-z0-9_-]{22}\.[1-9][0-9]{0,14}$/;

/** Whether a nonce has the form `<session id>.<counter>`. */
export function isSessionNonce(nonce: string): boolean {
  return SESSION_NONCE.test(nonce);
}
