// Artifacts as people name them: by a unique end or beginning of the id.

import { uniqueId } from "./plan-id.ts";
import { eachItem, type Session } from "./session.ts";

const UUID = /^[0-9a-f-]{36}$/i;

/** Errors: NOT_FOUND, BAD_REQUEST when several fit. */
export async function resolveArtifactId(session: Session, typed: string): Promise<string> {
  if (UUID.test(typed)) return typed;
  return uniqueId(
    typed,
    "artifact",
    eachItem(session.client, "searchArtifacts", {}),
    ({ artifact_id }) => artifact_id,
    "kai artifact list",
  );
}
