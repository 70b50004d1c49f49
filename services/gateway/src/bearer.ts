// Who sends a request, by the token in its Authorization header and by nothing else, and how much of it they may send.

import type { Scope } from "@kos/api";
import { KosError } from "@kos/klp";
import type { DoorLimits } from "./door-limits.ts";
import type { Caller } from "./handler.ts";
import { HttpRefusal, retryAfter } from "./http-refusal.ts";
import { createKeyedBuckets } from "./token-bucket.ts";
import type { TokenVerifier } from "./token-verifier.ts";

export interface BearerOptions {
  readonly tokens: TokenVerifier;
  readonly limits: DoorLimits;
  readonly now: () => number;
}

export interface Bearer {
  /**
   * The caller of a route with that scope. `address` is the socket's own, never a header's [R11].
   * Errors: UNAUTHORIZED, INSUFFICIENT_SCOPE, RATE_LIMITED with Retry-After.
   */
  admit(authorization: string | undefined, scope: Scope, address: string): Caller;
  /** The caller of a token; a wrong one counts against the address. Errors: UNAUTHORIZED, RATE_LIMITED. */
  identify(token: string | undefined, address: string): Caller;
}

const ANYONE: Caller = { subject: "anyone", tenant: "local", scopes: new Set<Scope>(["open"]) };
const BEARER = /^bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i;

export function createBearer({ tokens, limits, now }: BearerOptions): Bearer {
  const callers = createKeyedBuckets({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst, now });
  const addresses = createKeyedBuckets({ perSecond: limits.openRequestsPerSecond, burst: limits.openRequestBurst, now });
  const failures = createKeyedBuckets({ perSecond: limits.failuresPerSecond, burst: limits.failureBurst, now });

  function identify(token: string | undefined, address: string): Caller {
    const caller = token === undefined ? undefined : tokens.verify(token);
    if (caller) return caller;
    // Only a wrong token counts: whoever has the right one is let in however many others guess from this address.
    if (token !== undefined) refuseBeyond(failures.take(address), "Too many wrong tokens from this address.");
    throw new KosError(
      "UNAUTHORIZED",
      "Send a valid token as `Authorization: Bearer …`. On this machine it lies in owner.token of the data folder.",
    );
  }

  return {
    identify,
    admit(authorization, scope, address) {
      if (scope === "open") {
        refuseBeyond(addresses.take(address), "Too many requests without a token from this address.");
        return ANYONE;
      }
      const caller = identify(BEARER.exec(authorization ?? "")?.[1], address);
      if (!caller.scopes.has(scope)) throw insufficientScope(scope);
      refuseBeyond(callers.take(`${caller.tenant} ${caller.subject}`), "Too many requests in a short time.");
      return caller;
    },
  };
}

export function insufficientScope(scope: Scope): KosError {
  return new KosError("INSUFFICIENT_SCOPE", `This token has no right to ${scope}.`, { details: { scope } });
}

function refuseBeyond(waitMs: number, what: string): void {
  if (waitMs === 0) return;
  const headers = retryAfter(waitMs);
  throw new HttpRefusal(new KosError("RATE_LIMITED", `${what} Try again in ${headers["retry-after"]} s.`), { headers });
}
