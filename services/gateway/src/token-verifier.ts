// Who a bearer token belongs to: the owner's token from its file, and session tokens that one-time tickets were exchanged for.
// Tokens are compared in constant time, sessions looked up by their hash; nothing here is written to disk.

import { timingSafeEqual } from "node:crypto";
import { SCOPES, type Scope } from "@kos/api";
import { KosError, randomBytes, sha256 } from "@kos/klp";
import type { Caller } from "./handler.ts";

export interface TokenVerifierOptions {
  readonly ownerToken: string;
  readonly tenant: string;
  readonly now: () => number;
}

export interface TokenVerifier {
  verify(token: string): Caller | undefined;
  /** A ticket good once within two minutes. */
  issueTicket(): { readonly ticket: string; readonly expiresAtMs: number };
  /** Errors: UNAUTHORIZED when the ticket is wrong, used or old. */
  exchange(ticket: string): { readonly token: string; readonly expiresAtMs: number };
  /** False where there is no such session. */
  end(token: string): boolean;
  /** The new owner token; the old one and every session end at once. */
  replaceOwnerToken(token: string): void;
}

const TICKET_MS = 120_000;
const SESSION_MS = 12 * 3_600_000;
const MAX_TICKETS = 64;
const MAX_SESSIONS = 256;
const TOKEN_BYTES = 32;

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const owner: Caller = {
    subject: "person:owner",
    tenant: options.tenant,
    scopes: new Set<Scope>(SCOPES),
  };
  let ownerToken = Buffer.from(options.ownerToken);
  const tickets = new Map<string, number>();
  const sessions = new Map<string, number>();

  return {
    verify(token) {
      if (isSame(Buffer.from(token), ownerToken)) return owner;
      const expiresAtMs = sessions.get(keyOf(token));
      return expiresAtMs !== undefined && options.now() < expiresAtMs ? owner : undefined;
    },
    issueTicket() {
      const ticket = newSecret();
      const expiresAtMs = options.now() + TICKET_MS;
      keep(tickets, keyOf(ticket), expiresAtMs, MAX_TICKETS);
      return { ticket, expiresAtMs };
    },
    exchange(ticket) {
      const key = keyOf(ticket);
      const expiresAtMs = tickets.get(key);
      tickets.delete(key);
      if (expiresAtMs === undefined || options.now() >= expiresAtMs) {
        throw new KosError("UNAUTHORIZED", "This login link was used before or is too old. Make a new one with `kai login-link`.");
      }
      const token = `kos_session_${newSecret()}`;
      const sessionEndsAtMs = options.now() + SESSION_MS;
      keep(sessions, keyOf(token), sessionEndsAtMs, MAX_SESSIONS);
      return { token, expiresAtMs: sessionEndsAtMs };
    },
    end: (token) => sessions.delete(keyOf(token)),
    replaceOwnerToken(token) {
      ownerToken = Buffer.from(token);
      sessions.clear();
      tickets.clear();
    },
  };
}

/** In constant time but for the length, which every owner token has. */
function isSame(given: Uint8Array, kept: Uint8Array): boolean {
  return given.length === kept.length && timingSafeEqual(given, kept);
}

/** Bounded: the oldest goes first. */
function keep(entries: Map<string, number>, key: string, expiresAtMs: number, most: number): void {
  entries.set(key, expiresAtMs);
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}

function newSecret(): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString("base64url");
}

/** Looked up by hash, so that the time of a look-up says nothing about the token. */
function keyOf(secret: string): string {
  return Buffer.from(sha256(secret)).toString("base64url");
}
