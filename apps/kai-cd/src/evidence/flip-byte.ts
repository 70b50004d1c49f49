// A copy of the bytes with one of them changed, to see that the check finds it.

export interface Flipped {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offset: number;
  readonly before: number;
  readonly after: number;
}

/** `random` gives 0 to 1. The lowest bit of one byte is turned over: a letter stays a letter, so that the file still looks like one. */
export function flipByte(bytes: Uint8Array<ArrayBuffer>, random: () => number): Flipped {
  const offset = Math.min(bytes.length - 1, Math.floor(random() * bytes.length));
  const before = bytes[offset] ?? 0;
  const after = before ^ 1;
  const changed = Uint8Array.from(bytes);
  changed[offset] = after;
  return { bytes: changed, offset, before, after };
}
