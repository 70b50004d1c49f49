// Cursors of lists sorted by time and id, newest first: opaque to others, checked when they come back.

import { decodeBase64Url, encodeBase64Url, KosError } from "@kos/klp";

export interface PageCursor {
  readonly atMs: number;
  readonly id: string;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

export function writePageCursor({ atMs, id }: PageCursor): string {
  return encodeBase64Url(Buffer.from(JSON.stringify([atMs, id])));
}

/** Errors: BAD_REQUEST for one that was not made here. */
export function readPageCursor(cursor: string): PageCursor {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decodeBase64Url(cursor)));
    if (Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === "string") return { atMs: value[0], id: value[1] };
  } catch (cause) {
    throw badCursor(cause);
  }
  throw badCursor(undefined);
}

export function badCursor(cause: unknown): KosError {
  return new KosError("BAD_REQUEST", "The cursor is not one of ours. Leave it out to start from the beginning.", { cause });
}

/** Errors: BAD_REQUEST outside 1 to 500. */
export function pageLimit(limit: number | undefined, most: number = MAX_LIMIT): number {
  const wanted = limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > most)
    throw new KosError("BAD_REQUEST", `limit is a whole number from 1 to ${most}.`);
  return wanted;
}
