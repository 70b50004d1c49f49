/** UUIDv7 (RFC 9562) from an injected clock and generator; ids of one source rise strictly, also within a millisecond and when the clock steps back. */

/**
 * A source of ids. `now` is Unix time in milliseconds, `randomBytes` a secure generator. Within one millisecond the 74 bits after the time are
 * counted up from a random start (RFC 9562 section 6.2, method 2), so ids sort in the order they were made.
 */
export function createUuidV7(now: () => number, randomBytes: (length: number) => Uint8Array): () => string {
  let lastMs = -1;
  let high = 0; // 12 bits rand_a and the upper 20 bits of rand_b
  let low = 0; // the next 32 bits of rand_b; 10 random bits follow
  return () => {
    const random = randomBytes(10);
    const nowMs = Math.floor(now());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      high = uint32(random, 0) >>> 1; // top bit clear, so that counting up cannot overflow within a millisecond
      low = uint32(random, 4);
    } else if (low === 0xffffffff) {
      low = 0;
      high++;
    } else {
      low++;
    }
    const time = lastMs.toString(16).padStart(12, "0");
    const a = (0x7000 | (high >>> 20)).toString(16);
    const b = (0x8000 | ((high >>> 6) & 0x3fff)).toString(16);
    const rest = ((high & 0x3f) * 2 ** 42 + low * 1024 + (uint32(random, 6) >>> 22)).toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b}-${rest}`;
  };
}

function uint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}
