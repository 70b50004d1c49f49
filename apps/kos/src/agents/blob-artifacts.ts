// The artifact sink that capabilities get: bytes go straight into the node's blob store, under their hash.

import type { ArtifactSink } from "@kos/agent";
import type { Blobs } from "@kos/blobs";
import type { ValueBlobs } from "@kos/workers";

export function blobArtifacts(blobs: Blobs, maxBytes: number): ArtifactSink {
  const encoder = new TextEncoder();
  return {
    async put({ name, media_type, content }) {
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      const info = await blobs.put(bytes, { maxBytes });
      return { name, media_type, bytes: info.bytes, hash: info.hash };
    },
    get: (hash, options) => blobs.get(hash, options?.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  };
}

/** The same store, for values that do not fit an envelope. */
export function valueBlobs(blobs: Blobs): ValueBlobs {
  return {
    put: async (text) => (await blobs.put(new TextEncoder().encode(text))).hash,
    get: async (hash) => new TextDecoder().decode(await blobs.get(hash)),
  };
}
