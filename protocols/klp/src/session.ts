/** A handshaken session: counters that rise strictly take the place of random nonces, so that nothing has to be remembered but one number. */

import { isSessionNonce, type ReplayGuard, type ReplayMark } from "./replay-guard.ts";

export interface SessionOptions {
  /** From the handshake: 22 characters of base64url. */
  readonly id: string;
  /** The agent or node at the other end; only its messages may use the session's counters. */
  readonly peer: string;
  /** For messages of others that this connection carries on, with nonces of their own. Default: there are none, they are refused. */
  readonly others?: ReplayGuard;
}

/** One end of a session. It guards what comes in and numbers what goes out; the two directions count apart. */
export interface Session extends ReplayGuard {
  readonly id: string;
  readonly peer: string;
  /** The nonce for the next message to the peer; messages have to be sent in the order of their nonces. */
  nextNonce(): string;
}

/** @throws RangeError when the id is not one that a handshake makes. */
export function createSession(options: SessionOptions): Session {
  const { id, peer, others } = options;
  if (!isSessionNonce(`${id}.1`)) throw new RangeError("A session id has 22 characters of base64url.");
  let sent = 0;
  let received = 0;
  return { id, peer, nextNonce, claim };

  function nextNonce(): string {
    sent++;
    return `${id}.${sent}`;
  }

  function claim(mark: ReplayMark): boolean {
    if (!isSessionNonce(mark.nonce)) return others?.claim(mark) ?? false;
    const dot = mark.nonce.indexOf(".");
    if (mark.nonce.slice(0, dot) !== id || mark.from !== peer) return false;
    const counter = Number(mark.nonce.slice(dot + 1));
    if (counter <= received) return false;
    received = counter;
    return true;
  }
}
