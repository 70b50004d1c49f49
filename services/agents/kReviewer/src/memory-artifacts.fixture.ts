// An artifact store for tests, in memory.

import type { ArtifactRef, ArtifactSink } from "@kos/agent";
import { hashText, KosError } from "@kos/klp";

export function memoryArtifacts(): ArtifactSink & { readonly written: ArtifactRef[]; corrupt(hash: string): void } {
  const blobs = new Map<string, Uint8Array>();
  const written: ArtifactRef[] = [];
  return {
    written,
    async put({ name, media_type, content }) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const ref = { name, media_type, bytes: bytes.length, hash: hashText(bytes) };
      blobs.set(ref.hash, bytes);
      written.push(ref);
      return ref;
    },
    async get(hash) {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new KosError("NOT_FOUND", "No such artifact.");
      return bytes;
    },
    corrupt(hash) {
      const bytes = blobs.get(hash);
      if (bytes !== undefined)
        blobs.set(
          hash,
          bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)),
        );
    },
  };
}
