// Finds the artifacts a call wrote in its output, where the capability's schema says that there can be some.

import type { ArtifactRef } from "@kos/agent";
import { isHashText } from "@kos/klp";
import type { Offer } from "../plan/decide-env.ts";

/** An event has to stay small; the output holds them all. */
const MAX_ARTIFACTS = 1000;
const NONE: readonly ArtifactRef[] = [];
const known = new WeakMap<object, boolean>();

export function findArtifacts(offer: Offer | undefined, output: unknown): readonly ArtifactRef[] {
  if (offer === undefined || !mayHoldArtifacts(offer.description.output)) return NONE;
  const found: ArtifactRef[] = [];
  collect(output, found);
  return found;
}

function mayHoldArtifacts(schema: object): boolean {
  let answer = known.get(schema);
  if (answer === undefined) known.set(schema, (answer = JSON.stringify(schema).includes('"x-kos-type":"artifact"')));
  return answer;
}

function collect(value: unknown, found: ArtifactRef[]): void {
  if (typeof value !== "object" || value === null || found.length >= MAX_ARTIFACTS) return;
  if (isArtifact(value)) {
    const { name, media_type, bytes, hash } = value;
    found.push({ name, media_type, bytes, hash });
    return;
  }
  for (const member of Array.isArray(value) ? value : Object.values(value)) collect(member, found);
}

function isArtifact(value: object): value is ArtifactRef {
  const { name, media_type: mediaType, bytes, hash } = value as Readonly<Record<string, unknown>>;
  return typeof name === "string" && typeof mediaType === "string" && typeof bytes === "number" && isHashText(hash);
}
