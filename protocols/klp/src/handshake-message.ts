/** The four messages of the handshake, as payloads of envelopes of the same type, and what each signature covers. */

import { sha256 } from "#crypto";
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { canonicalJson } from "./canonical-json.ts";
import { isDidKey } from "./did-key.ts";
import { KosError } from "./errors.ts";
import { type AgentId, type DidKey, isAgentId } from "./ids.ts";

/** Who opens says who it is, what it speaks, and challenges the other side. */
export interface Hello {
  readonly type: "HELLO";
  readonly versions: readonly string[];
  readonly id: AgentId | DidKey;
  readonly key: DidKey;
  /** 32 random bytes in base64url. */
  readonly challenge: string;
}

/** The other side picks a version, says who it is, signs, and challenges in turn. */
export interface Challenge {
  readonly type: "CHALLENGE";
  readonly version: string;
  readonly id: AgentId | DidKey;
  readonly key: DidKey;
  readonly challenge: string;
  /** Over HELLO and this message without its signature. */
  readonly signature: string;
}

export interface ProofOfKey {
  readonly type: "PROOF";
  /** By the opener's key, over HELLO and CHALLENGE. */
  readonly signature: string;
}

export interface Welcome {
  readonly type: "WELCOME";
  /** The session id, which both sides compute. */
  readonly session: string;
  /** By the other side's key, over all that was said before. */
  readonly signature: string;
}

export type HandshakeMessage = Hello | Challenge | ProofOfKey | Welcome;

export const CHALLENGE_BYTES = 32;

const MEMBERS = {
  HELLO: ["type", "versions", "id", "key", "challenge"],
  CHALLENGE: ["type", "version", "id", "key", "challenge", "signature"],
  PROOF: ["type", "signature"],
  WELCOME: ["type", "session", "signature"],
} as const;

/** The signing domain of a handshake message. */
export function handshakeDomain(type: HandshakeMessage["type"]): string {
  return `klp-handshake/1.0:${type}`;
}

/** The id of the session that these three messages lead to. */
export function sessionId(hello: Hello, challenge: Challenge, proof: ProofOfKey): string {
  return encodeBase64Url(sha256(`klp-session/1.0\0${canonicalJson({ hello, challenge, proof })}`).subarray(0, 16));
}

/** @throws KosError BAD_ENVELOPE for anything that is not exactly one of the four messages. */
export function readHandshakeMessage(value: unknown): HandshakeMessage {
  const message: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {};
  const type = message["type"];
  if (type !== "HELLO" && type !== "CHALLENGE" && type !== "PROOF" && type !== "WELCOME") refuse("its type is not one of the handshake");
  const names: readonly string[] = MEMBERS[type];
  if (Object.keys(message).length !== names.length || !names.every((name) => Object.hasOwn(message, name))) {
    refuse(`a ${type} has exactly the members ${names.join(", ")}`);
  }
  for (const name of names) {
    if (!isFit(name, message[name])) refuse(`"${name}" of the ${type} is not written as it should be`);
  }
  return message as unknown as HandshakeMessage;
}

function isFit(name: string, value: unknown): boolean {
  switch (name) {
    case "versions":
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.length <= 16 &&
        value.every((version) => typeof version === "string" && version.length <= 32)
      );
    case "id":
      return isAgentId(value) || isDidKey(value);
    case "key":
      return isDidKey(value);
    case "challenge":
      return typeof value === "string" && decodeBase64Url(value)?.length === CHALLENGE_BYTES;
    default:
      return typeof value === "string" && value.length <= 128;
  }
}

function refuse(finding: string): never {
  throw new KosError("BAD_ENVELOPE", `Not a handshake message: ${finding}.`);
}
