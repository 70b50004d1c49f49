// Which hashes a text mentions. Archive and sweep read payloads by the same rule, so that whatever keeps a blob also lets it go in the end.

const HASH = /sha256:[0-9a-f]{64}/g;

/** Any mention counts, also a bare one as in a checkpoint: one too many keeps a blob for nothing, one too few would lose it. */
export function mentionedHashes(text: string): readonly string[] {
  return text.match(HASH) ?? [];
}
