// Decodes the EWAH-compressed bitmaps of a split index (gitformat-index(5), "Split index"; bitmap layout: gitformat-bitmap(5), appendix A).

export interface EwahBitmap {
  /** Positions of the bits that are set. */
  readonly bits: ReadonlySet<number>;
  /** Where the bitmap ends in the bytes. */
  readonly end: number;
}

const WORD_BITS = 64;
const RUN_MASK = 0xffff_ffffn;

/** Reads the bitmap at `start`; nothing left to read is an empty bitmap. Errors: RangeError when it is cut short. */
export function decodeEwahBitmap(bytes: Buffer, start: number): EwahBitmap {
  const bits = new Set<number>();
  if (start >= bytes.length) return { bits, end: start };
  const size = bytes.readUInt32BE(start);
  const words = bytes.readUInt32BE(start + 4);
  const end = start + 8 + words * 8 + 4;
  if (end > bytes.length) throw new RangeError("The bitmap is cut short.");
  const wordAt = (index: number) => bytes.readBigUInt64BE(start + 8 + index * 8);
  let position = 0;
  for (let index = 0; index < words; ) {
    const marker = wordAt(index);
    index += 1;
    const run = Number((marker >> 1n) & RUN_MASK) * WORD_BITS;
    if ((marker & 1n) === 1n) for (let bit = position; bit < Math.min(position + run, size); bit += 1) bits.add(bit);
    position += run;
    const literals = Math.min(Number(marker >> 33n), words - index);
    for (let literal = 0; literal < literals; literal += 1, position += WORD_BITS) {
      const word = wordAt(index + literal);
      for (let bit = 0; bit < WORD_BITS; bit += 1) if (((word >> BigInt(bit)) & 1n) === 1n) bits.add(position + bit);
    }
    index += literals;
  }
  return { bits, end };
}
