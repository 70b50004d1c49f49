// Artifacts as people name them: by a unique end or beginning of the id.

import { uniqueId } from "./plan-id.ts";
import { eachItem, type Session } from "./session.ts";

/** Errors: NOT_FOUND, BAD_REQUEST (not an id, or several fit). */
export async function resolveArtifactId(session: Session, typed: string): Promise<string> {
  return uniqueId(
    typed,
    "artifact",
    eachItem(session.client, "searchArtifacts", {}),
    ({ artifact_id }) => artifact_id,
    "kai artifact list",
  );
}
