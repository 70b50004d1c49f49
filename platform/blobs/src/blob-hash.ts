// Small rules that every driver shares: hashes, sizes, ranges and cancelling.

import { hashText, isHashText, KosError } from "@kos/klp";
import type { StreamOptions } from "./blobs.ts";

/** The 64 hex digits. @throws KosError BAD_REQUEST for any other text. */
export function hexOfHash(hash: string): string {
  if (!isHashText(hash)) throw new KosError("BAD_REQUEST", "A blob is named sha256: and 64 lower-case hex digits.");
  return hash.slice("sha256:".length);
}

export function hashOfBytes(content: Uint8Array): string {
  return hashText(content);
}

export function tooLarge(maxBytes: number): KosError {
  return new KosError("TOO_LARGE", `The content is larger than ${maxBytes} bytes. Send less, or have the limit raised.`, {
    details: { max_bytes: maxBytes },
  });
}

export function notFound(hash: string): KosError {
  return new KosError("NOT_FOUND", `There is no blob ${hash}. It may have been deleted by retention.`, { details: { hash } });
}

export function damaged(hash: string): KosError {
  return new KosError(
    "INTERNAL",
    `The bytes of ${hash} no longer have this hash. They were moved to quarantine; put the content again or restore a backup.`,
    {
      details: { hash, quarantined: true },
    },
  );
}

/** The bounds of a range. @throws KosError BAD_REQUEST with `details.bytes` when it does not lie inside. */
export function rangeWithin(bytes: number, options: StreamOptions): { readonly start: number; readonly end: number } {
  const start = options.start ?? 0;
  const end = Math.min(options.end ?? bytes, bytes);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end) {
    throw new KosError("BAD_REQUEST", `The range ${start} to ${options.end ?? bytes} does not lie within ${bytes} bytes.`, {
      details: { bytes },
    });
  }
  return { start, end };
}

export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KosError("CANCELLED", "The transfer was cancelled.", { cause: signal.reason });
}
