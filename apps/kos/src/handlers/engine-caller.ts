// What handlers of the engine's routes share: who calls, and what the address names.

import type { Caller } from "@kos/gateway";
import type { Caller as EngineCaller } from "@kos/kcore";
import { KosError } from "@kos/klp";

/** The engine takes decisions from people only; who holds the owner's token or a session is one. */
export function engineCaller(caller: Caller): EngineCaller {
  const kind = caller.subject.startsWith("person:") ? "person" : "agent";
  return { tenant: caller.tenant, id: caller.subject, kind };
}

/** Errors: BAD_REQUEST. */
export function need(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name];
  if (value === undefined || value === "") throw new KosError("BAD_REQUEST", `The address needs a ${name}.`);
  return value;
}
