// What an event's payload refers to by hash: messages as `envelope_hash`, bytes as `{hash, bytes, media_type}` with or without a name.

import { type HashText, isHashText } from "@kos/klp";

export interface PayloadReferences {
  readonly messages: readonly HashText[];
  readonly artifacts: readonly ArtifactReference[];
}

interface ArtifactReference {
  readonly name: string | null;
  readonly media_type: string;
  readonly bytes: number;
  readonly hash: HashText;
}

const NONE: PayloadReferences = { messages: [], artifacts: [] };

/** In the order in which they stand in the payload, each once. A payload that is not JSON refers to nothing. */
export function findReferences(payload: string): PayloadReferences {
  // Most payloads name nothing, and need no parsing to know it.
  if (!payload.includes("sha256:")) return NONE;
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return NONE;
  }
  const messages = new Set<HashText>();
  const artifacts = new Map<string, ArtifactReference>();
  // An explicit stack: payloads may be nested deeper than calls can be.
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    const next = stack.pop();
    if (typeof next !== "object" || next === null) continue;
    const fields = next as Record<string, unknown>;
    if (isHashText(fields["envelope_hash"])) messages.add(fields["envelope_hash"]);
    const artifact = artifactOf(fields);
    if (artifact !== undefined) artifacts.set(`${artifact.hash} ${artifact.name}`, artifact);
    for (const member of Object.values(fields).reverse()) stack.push(member);
  }
  return { messages: [...messages], artifacts: [...artifacts.values()] };
}

function artifactOf(fields: Record<string, unknown>): ArtifactReference | undefined {
  const { hash, bytes, media_type: mediaType, name } = fields as { hash?: unknown; bytes?: unknown; media_type?: unknown; name?: unknown };
  if (!isHashText(hash) || !Number.isSafeInteger(bytes) || (bytes as number) < 0 || typeof mediaType !== "string") return undefined;
  return { name: typeof name === "string" ? name : null, media_type: mediaType, bytes: bytes as number, hash };
}
