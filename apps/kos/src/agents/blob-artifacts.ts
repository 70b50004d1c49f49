// The artifact sink that capabilities get: bytes go straight into the node's blob store, under their hash.

import type { ArtifactSink } from "@kos/agent";
import type { ChannelBlobs, ValueBlobs } from "@kos/workers";

export function blobArtifacts(blobs: ChannelBlobs, maxBytes: number): ArtifactSink {
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

/** As much as one message may bring beside its envelope: the other end of the link chooses the size, this end holds it in memory. */
const MAX_VALUE_BYTES = 67_108_864;

/** The same store, for values that do not fit an envelope. Larger ones than 64 MiB are refused. */
export function valueBlobs(blobs: ChannelBlobs): ValueBlobs {
  return {
    put: async (text) => (await blobs.put(new TextEncoder().encode(text))).hash,
    get: async (hash) => new TextDecoder().decode(await blobs.get(hash, { maxBytes: MAX_VALUE_BYTES })),
  };
}
