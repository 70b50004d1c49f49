// The raw body of a route that stores bytes: never held as a whole, counted as it comes.

import { KosError } from "@kos/klp";

/** What the client says the length is; refused before the first byte is read. */
export function refuseTooLong(contentLength: string | undefined, maxBytes: number): void {
  if (contentLength !== undefined && Number(contentLength) > maxBytes) throw tooLarge(maxBytes);
}

/** Errors while it is read: TOO_LARGE beyond the limit, BAD_REQUEST when the client went away before the end. */
export async function* boundedBody(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  // By hand, not by `for await`: that would destroy the request when we stop, and the answer could not be sent any more.
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await nextChunk(chunks);
    if (next.done) return;
    bytes += next.value.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield next.value;
  }
}

async function nextChunk(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new KosError("BAD_REQUEST", "The connection ended before the whole body had come. Send it again.", { cause });
  }
}

function tooLarge(maxBytes: number): KosError {
  return new KosError(
    "TOO_LARGE",
    `The body is larger than this node stores in one artifact, ${maxBytes} bytes. Raise limits.upload_bytes.`,
    {
      details: { max_bytes: maxBytes },
    },
  );
}
