// One end of a proved KLP link over a pair of byte streams: handshake first, then batches of envelopes under one signature each.
// What does not verify ends the link; nothing unverified reaches the other side of `onEnvelope`.

import {
  awaitHandshake,
  createFrameDecoder,
  createReplayWindow,
  createSession,
  DEFAULT_MAX_FRAME_BYTES,
  type EnvelopeDraft,
  encodeEnvelope,
  encodeFrame,
  type FrameEntry,
  type HandshakeStep,
  type Identity,
  isKosError,
  type KeyRecord,
  KosError,
  openFrame,
  openHandshake,
  type ReplayGuard,
  randomBytes,
  type Session,
  sealBatch,
  sealEnvelope,
  sha256Hex,
  stepHandshake,
  type UnsignedEnvelope,
} from "@kos/klp";

export interface SignedLinkOptions {
  readonly identity: Identity;
  /** The id and did:key that must be at the other end. */
  readonly peer: { readonly id: string; readonly key: string };
  /** Who says HELLO. */
  readonly opens: boolean;
  readonly now: () => number;
  /** Writes bytes to the other side. */
  readonly write: (bytes: Uint8Array) => void;
  /** A verified message of the other side. `hash` is over its signed text, `sha256:<hex>`. */
  readonly onEnvelope: (envelope: UnsignedEnvelope, hash: string) => void;
  /** The handshake is done: the other side has shown that it holds its key. */
  readonly onProved?: () => void;
  /** The link has ended because of what came in. Called at most once. */
  readonly onBroken: (error: KosError) => void;
  /** Runs once the current turn is over, so that messages of one turn share a signature. */
  readonly defer: (run: () => void) => void;
}

export interface SignedLink {
  /** Seals and sends in order; before the handshake is done it waits. Errors: BAD_REQUEST, TOO_LARGE for what cannot be sealed. */
  send(draft: EnvelopeDraft): void;
  /** Bytes of the other side. */
  receive(bytes: Uint8Array): void;
}

/** A handshake is over in moments; its nonces need no longer memory than that. */
const HANDSHAKE_NONCES = 16;
/** Envelopes under one signature; a signature costs about as much as hashing that many. */
const MAX_BATCH = 64;

export function createSignedLink(options: SignedLinkOptions): SignedLink {
  const { identity, peer } = options;
  const decoder = createFrameDecoder(DEFAULT_MAX_FRAME_BYTES);
  const handshakeReplay = createReplayWindow({ now: options.now, maxMarks: HANDSHAKE_NONCES });
  const lookupKey = (key: string, from: string): KeyRecord =>
    key === peer.key && from === peer.id ? { status: "active", id: peer.id } : { status: "unknown" };
  const config = { identity, challenge: randomBytes(32), lookupKey, expect: { id: peer.id } };

  let waiting: EnvelopeDraft[] = [];
  let deferred = false;
  let broken = false;
  let session: Session | undefined;
  let handshake = options.opens ? openHandshake(config) : awaitHandshake(config);
  sendHandshake(handshake);

  function sendHandshake(step: HandshakeStep): void {
    for (const message of step.send) {
      const envelope = sealEnvelope({ type: message.type, to: peer.id, payload: message }, identity, { now: options.now });
      write(encodeEnvelope(envelope));
    }
  }

  function flush(): void {
    deferred = false;
    if (broken || session === undefined || waiting.length === 0) return;
    const drafts = waiting;
    waiting = [];
    for (let first = 0; first < drafts.length; first += MAX_BATCH) {
      write(sealBatch(drafts.slice(first, first + MAX_BATCH), identity, { now: options.now, nonce: session.nextNonce }).frame);
    }
  }

  function write(frame: Uint8Array): void {
    options.write(encodeFrame(frame, DEFAULT_MAX_FRAME_BYTES));
  }

  function scheduleFlush(): void {
    if (deferred || session === undefined) return;
    deferred = true;
    options.defer(flush);
  }

  function take(entry: FrameEntry): void {
    if (!entry.ok) throw entry.error;
    const { envelope, canonical } = entry;
    if (session !== undefined) {
      options.onEnvelope(envelope, `sha256:${sha256Hex(canonical)}`);
      return;
    }
    handshake = stepHandshake(handshake.state, envelope.payload);
    if (handshake.error) throw handshake.error;
    sendHandshake(handshake);
    if (handshake.done) {
      session = createSession({ id: handshake.done.session, peer: peer.id });
      scheduleFlush();
      options.onProved?.();
    }
  }

  function fail(thrown: unknown): void {
    if (broken) return;
    broken = true;
    waiting = [];
    options.onBroken(isKosError(thrown) ? thrown : new KosError("INTERNAL", "The link to an agent broke.", { cause: thrown }));
  }

  const replay: ReplayGuard = { claim: (mark) => (session ?? handshakeReplay).claim(mark) };
  return {
    send(draft) {
      if (broken) return;
      waiting.push(draft);
      scheduleFlush();
    },
    receive(bytes) {
      if (broken) return;
      try {
        for (const frame of decoder.push(bytes)) {
          for (const entry of openFrame(frame, { now: options.now, self: [identity.id], lookupKey, replay })) take(entry);
        }
      } catch (thrown) {
        fail(thrown);
      }
    },
  };
}
