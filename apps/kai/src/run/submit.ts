// Hands work to the node, with the folders it grants, and says in which line of a plan file something is wrong.

import { isKosError, KosError } from "@kos/klp";
import type { Kai } from "../command.ts";
import { withGrant } from "../connection/grant.ts";
import type { Session } from "../connection/session.ts";
import type { ReadDocument } from "./plan-file.ts";
import type { Submission } from "./submission.ts";

/**
 * What `send` makes of the grant, over a session that answers: a node that was just ending is asked for anew, once. `send` must bear being
 * called twice. Errors: the node's own; where a plan came from a file, each finding says its line.
 */
export async function submitTo<Result>(
  kai: Kai,
  first: Session,
  { roots, source }: Pick<Submission, "roots" | "source">,
  send: (session: Session, grant: string | undefined) => Promise<Result>,
): Promise<{ readonly result: Result; readonly session: Session }> {
  const attempt = async (session: Session) => ({
    result: await withGrant(kai.machine, kai.dataFolder, roots, (grant) => send(session, grant)),
    session,
  });
  try {
    return await attempt(first).catch(async (error: unknown) => {
      if (!isKosError(error, "UNAVAILABLE")) throw error;
      return attempt(await kai.connect());
    });
  } catch (error) {
    throw source === undefined ? error : withLines(error, source);
  }
}

/** The error with the place in the file beside each finding. */
export function withLines(error: unknown, source: ReadDocument): unknown {
  if (!isKosError(error) || !Array.isArray(error.details?.["findings"])) return error;
  const findings = error.details["findings"].map((finding: unknown) => {
    const path = typeof finding === "object" && finding !== null ? (finding as { readonly path?: unknown }).path : undefined;
    return typeof path === "string" ? { ...(finding as object), source: source.place(path) } : finding;
  });
  return new KosError(error.code, error.message, { details: { ...error.details, findings }, cause: error });
}
