// Whether a browser is let show an artifact in place. The node decides again, by the same types.

import type { Artifact } from "@kos/api";

const SHOWN = /^(?:text\/.+|application\/(?:json|x-ndjson|yaml|xml|xhtml\+xml)|image\/(?:png|jpeg|gif|webp|avif|svg\+xml))$/;

export function canPreview(artifact: Pick<Artifact, "media_type">): boolean {
  return SHOWN.test(typeOf(artifact));
}

/** Without its parameters. */
function typeOf({ media_type: type }: Pick<Artifact, "media_type">): string {
  return (type.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** What a person most likely wants to see first: the page, then text, then pictures. */
export function mainArtifact(artifacts: readonly Artifact[]): Artifact | undefined {
  const ranks = [/^text\/html$/, /^text\/markdown$/, /^application\/json$/, /^text\//, /^image\//];
  for (const rank of ranks) {
    const found = artifacts.find((artifact) => rank.test(typeOf(artifact)));
    if (found !== undefined) return found;
  }
  return undefined;
}
