// gzip unpacked piece by piece, and stopped where it grows beyond all reason [R89].

import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Source } from "../source/source.ts";
import { unreadable } from "../source/unreadable.ts";
import { throwIfAborted } from "../task-error.ts";

/** Nothing is unpacked beyond this, whatever its ratio. */
const MAX_BYTES = 2_147_483_648;
/** Deflate cannot exceed 1032; text stays under 50. Held against only once it is also large. */
const MAX_RATIO = 250;
const ALWAYS_ALLOWED_BYTES = 33_554_432;

/** Errors: `bomb`, `too_large`, `broken`. */
export async function* gunzipped(source: Source, packed: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { at, bytes } = source;
  const gunzip = createGunzip();
  // Errors of either end arrive at the reader below.
  pipeline(Readable.from(packed, { objectMode: false }), gunzip, () => {});
  let length = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      throwIfAborted(signal);
      length += piece.length;
      if (length > ALWAYS_ALLOWED_BYTES && length > bytes * MAX_RATIO) {
        throw unreadable("bomb", at, `${bytes} bytes unpack to more than ${length}.`, "Do not trust this archive.", {
          details: { bytes: length },
        });
      }
      if (length > MAX_BYTES)
        throw unreadable("too_large", at, `It unpacks to more than ${MAX_BYTES} bytes.`, "Split it, or leave it out.");
      yield piece;
    }
  } finally {
    gunzip.destroy();
  }
}
