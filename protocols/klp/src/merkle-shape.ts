/** How an RFC 6962 tree of a given size is divided: pure arithmetic, exact up to 2^53 leaves. */

/** Smallest level whose perfect subtree holds `width` leaves (ceil of log2); 0 for a width of 0 or 1. */
export function levelOf(width: number): number {
  const last = width - 1;
  if (last <= 0) return 0;
  const high = Math.floor(last / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(last);
}

/** Leaves in the left part of a node over `width` >= 2 leaves: the largest power of two below `width`. */
export function splitOf(width: number): number {
  return 2 ** (levelOf(width) - 1);
}

/** Whether [start, end) is a subtree: empty, or beginning at a multiple of the smallest power of two not below its width. */
export function isSubtree(start: number, end: number): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end) return false;
  return start % 2 ** levelOf(end - start) === 0;
}
