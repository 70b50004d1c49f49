/**
 * The mutual handshake as a pure state machine: HELLO, CHALLENGE, PROOF, WELCOME. Each side challenges the other and signs all that was said.
 * It sends nothing itself, reads no clock and draws no random bytes; the transport carries its messages as payloads of envelopes.
 */

import { encodeBase64Url } from "./base64url.ts";
import { decodeDidKey, isDidKey } from "./did-key.ts";
import { KLP_VERSION } from "./envelope.ts";
import { isKosError, KosError } from "./errors.ts";
import {
  CHALLENGE_BYTES,
  type Challenge,
  type HandshakeMessage,
  type Hello,
  handshakeDomain,
  type ProofOfKey,
  readHandshakeMessage,
  sessionId,
} from "./handshake-message.ts";
import type { Identity } from "./identity.ts";
import { type AgentId, type DidKey, parseAgentId } from "./ids.ts";
import type { KeyRecord } from "./open.ts";
import { signDocument, verifyDocument } from "./signed-document.ts";

export interface HandshakeConfig {
  readonly identity: Identity;
  /** 32 fresh random bytes; never the same twice. */
  readonly challenge: Uint8Array;
  /** As in `OpenContext`: only keys that are registered and active for the id they claim get in. */
  readonly lookupKey: (key: DidKey, from: string) => KeyRecord;
  /** Who is expected at the other end: one id, one class, or anybody registered. */
  readonly expect?: { readonly id?: string; readonly class?: string };
}

/** What both sides agree on at the end. */
export interface HandshakeResult {
  readonly session: string;
  readonly version: string;
  readonly peer: AgentId | DidKey;
  readonly peerKey: DidKey;
}

/** Opaque to callers but for `phase`. */
export type HandshakeState =
  | { readonly phase: "hello sent"; readonly config: HandshakeConfig; readonly hello: Hello }
  | { readonly phase: "listening"; readonly config: HandshakeConfig }
  | { readonly phase: "challenged"; readonly config: HandshakeConfig; readonly hello: Hello; readonly challenge: Challenge }
  | {
      readonly phase: "proof sent";
      readonly config: HandshakeConfig;
      readonly hello: Hello;
      readonly challenge: Challenge;
      readonly proof: ProofOfKey;
    }
  | { readonly phase: "done"; readonly result: HandshakeResult }
  | { readonly phase: "failed"; readonly error: KosError };

export interface HandshakeStep {
  readonly state: HandshakeState;
  /** To be sent to the other side, in this order. */
  readonly send: readonly HandshakeMessage[];
  /** Set by the step that completed the handshake. */
  readonly done?: HandshakeResult;
  /** Set by a step that refused a message. Before the end that ends the handshake; after it, the result stands. */
  readonly error?: KosError;
}

/** The side that opens. @throws RangeError when the challenge has not 32 bytes. */
export function openHandshake(config: HandshakeConfig): HandshakeStep {
  const { identity } = config;
  const hello: Hello = { type: "HELLO", versions: [KLP_VERSION], id: identity.id, key: identity.did, challenge: encodeChallenge(config) };
  return { state: { phase: "hello sent", config, hello }, send: [hello] };
}

/** The side that waits for a HELLO. @throws RangeError when the challenge has not 32 bytes. */
export function awaitHandshake(config: HandshakeConfig): HandshakeStep {
  encodeChallenge(config);
  return { state: { phase: "listening", config }, send: [] };
}

/**
 * Takes the next message of the other side. Never throws for what a message holds. Errors of a step: BAD_ENVELOPE (not a handshake message, or out
 * of order), VERSION_UNSUPPORTED, IDENTITY_UNKNOWN, IDENTITY_REVOKED, IDENTITY_MISMATCH (id, key or role is another than bound or expected),
 * REPLAYED (our own challenge came back, or a message twice), SIGNATURE_INVALID.
 */
export function stepHandshake(state: HandshakeState, received: unknown): HandshakeStep {
  if (state.phase === "failed") return { state, send: [], error: state.error };
  try {
    const message = readHandshakeMessage(received);
    switch (state.phase) {
      case "listening":
        return message.type === "HELLO" ? answerHello(state, message) : outOfOrder(message);
      case "hello sent":
        return message.type === "CHALLENGE" ? answerChallenge(state, message) : outOfOrder(message);
      case "challenged":
        if (message.type === "HELLO") throw repeated();
        return message.type === "PROOF" ? acceptProof(state, message) : outOfOrder(message);
      case "proof sent":
        if (message.type === "CHALLENGE") throw repeated();
        if (message.type !== "WELCOME") return outOfOrder(message);
        return acceptWelcome(state, message);
      case "done":
        throw repeated();
    }
  } catch (error) {
    if (!isKosError(error)) throw error;
    return { state: state.phase === "done" ? state : { phase: "failed", error }, send: [], error };
  }
}

function answerHello(state: HandshakeState & { phase: "listening" }, hello: Hello): HandshakeStep {
  const { config } = state;
  if (!hello.versions.includes(KLP_VERSION)) throw unsupported();
  checkPeer(hello, config);
  const said = {
    type: "CHALLENGE",
    version: KLP_VERSION,
    id: config.identity.id,
    key: config.identity.did,
    challenge: encodeChallenge(config),
  } as const;
  const challenge: Challenge = {
    ...said,
    signature: signDocument(handshakeDomain("CHALLENGE"), { hello, challenge: said }, config.identity),
  };
  return { state: { phase: "challenged", config, hello, challenge }, send: [challenge] };
}

function answerChallenge(state: HandshakeState & { phase: "hello sent" }, challenge: Challenge): HandshakeStep {
  const { config, hello } = state;
  if (challenge.version !== KLP_VERSION) throw unsupported();
  const publicKey = checkPeer(challenge, config);
  const { signature, ...said } = challenge;
  if (!verifyDocument(handshakeDomain("CHALLENGE"), { hello, challenge: said, signature }, publicKey)) throw badSignature();
  const proof: ProofOfKey = { type: "PROOF", signature: signDocument(handshakeDomain("PROOF"), { hello, challenge }, config.identity) };
  return { state: { phase: "proof sent", config, hello, challenge, proof }, send: [proof] };
}

function acceptProof(state: HandshakeState & { phase: "challenged" }, proof: ProofOfKey): HandshakeStep {
  const { config, hello, challenge } = state;
  const { signature } = proof;
  if (!verifyDocument(handshakeDomain("PROOF"), { hello, challenge, signature }, publicKeyOf(hello.key))) throw badSignature();
  const session = sessionId(hello, challenge, proof);
  const welcomeSignature = signDocument(handshakeDomain("WELCOME"), { hello, challenge, proof, session }, config.identity);
  const result: HandshakeResult = { session, version: challenge.version, peer: hello.id, peerKey: hello.key };
  return { state: { phase: "done", result }, send: [{ type: "WELCOME", session, signature: welcomeSignature }], done: result };
}

function acceptWelcome(
  state: HandshakeState & { phase: "proof sent" },
  welcome: { readonly session: string; readonly signature: string },
): HandshakeStep {
  const { hello, challenge, proof } = state;
  const session = sessionId(hello, challenge, proof);
  const { signature } = welcome;
  const fits = verifyDocument(handshakeDomain("WELCOME"), { hello, challenge, proof, session, signature }, publicKeyOf(challenge.key));
  if (welcome.session !== session || !fits) throw badSignature();
  const result: HandshakeResult = { session, version: challenge.version, peer: challenge.id, peerKey: challenge.key };
  return { state: { phase: "done", result }, send: [], done: result };
}

/** The public key of a peer that may be spoken to. */
function checkPeer(peer: Hello | Challenge, config: HandshakeConfig): Uint8Array {
  if (peer.challenge === encodeChallenge(config)) throw repeated();
  const record = config.lookupKey(peer.key, peer.id);
  if (record.status === "unknown") {
    throw new KosError("IDENTITY_UNKNOWN", "The key at the other end is not known here. Pair its agent with this node first.");
  }
  if (record.status === "revoked") {
    throw new KosError("IDENTITY_REVOKED", "The key at the other end was revoked or has expired. Have its node issue a new card.");
  }
  const { expect } = config;
  const isExpected =
    (expect?.id === undefined || expect.id === peer.id) && (expect?.class === undefined || expect.class === classOf(peer.id));
  if (record.id !== peer.id || (isDidKey(peer.id) && peer.id !== peer.key) || peer.key === config.identity.did || !isExpected) {
    throw new KosError("IDENTITY_MISMATCH", "The other end is not who it should be. Check the address, and which key is bound to the id.");
  }
  return publicKeyOf(peer.key);
}

function classOf(id: AgentId | DidKey): string | undefined {
  return isDidKey(id) ? undefined : parseAgentId(id).class;
}

function publicKeyOf(did: DidKey): Uint8Array {
  const publicKey = decodeDidKey(did);
  if (publicKey === undefined) throw badSignature();
  return publicKey;
}

function encodeChallenge(config: HandshakeConfig): string {
  if (config.challenge.length !== CHALLENGE_BYTES) throw new RangeError(`A challenge has ${CHALLENGE_BYTES} random bytes.`);
  return encodeBase64Url(config.challenge);
}

function outOfOrder(message: HandshakeMessage): never {
  throw new KosError("BAD_ENVELOPE", `A ${message.type} does not belong here in the handshake. Begin again with a HELLO.`);
}

function repeated(): KosError {
  return new KosError("REPLAYED", "A message of the handshake came a second time. Begin again with a HELLO.");
}

function badSignature(): KosError {
  return new KosError("SIGNATURE_INVALID", "A signature of the handshake does not fit what was said. Begin again with a HELLO.");
}

function unsupported(): KosError {
  return new KosError("VERSION_UNSUPPORTED", `This side speaks ${KLP_VERSION} only. Update the older side.`, {
    details: { supported: [KLP_VERSION] },
  });
}
