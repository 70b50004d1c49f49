/** What may stand in a signed message: JSON that a strict reader takes back unchanged. It signs nothing. */

import { canonicalJsonWithin } from "./canonical-json.ts";
import { DEFAULT_MAX_DEPTH } from "./strict-json.ts";
import { readStrictJson } from "./strict-json-reader.ts";

/** Sixteen digits may be an integer beyond 2^53, which strict readers refuse. */
const LONG_NUMBER = /(?:^|[:,[])-?[0-9]{16}/;
/** The envelope and its payload, around a member of the payload. */
const LEVELS_AROUND = 2;

/** Canonical JSON, of a document that may be sealed as it is. @throws KosError BAD_REQUEST, with the JSON pointer. */
export function sealableJson(document: unknown): string {
  return textWithin(document, DEFAULT_MAX_DEPTH);
}

/**
 * Asks of one member of a payload, where whoever made it can still be told, whether it may be sealed.
 * @throws KosError BAD_REQUEST, with the JSON pointer: what JSON cannot carry, a lone surrogate, an integer beyond 2^53, more than 62 levels.
 */
export function requireSealable(member: unknown): void {
  textWithin(member, DEFAULT_MAX_DEPTH - LEVELS_AROUND);
}

function textWithin(value: unknown, maxDepth: number): string {
  const text = canonicalJsonWithin(value, maxDepth);
  if (LONG_NUMBER.test(text)) readStrictJson(text, maxDepth, "BAD_REQUEST");
  return text;
}
