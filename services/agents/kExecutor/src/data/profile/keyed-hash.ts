// A 64-bit keyed hash over the UTF-16 units of a text, after HalfSipHash-1-3 (the 32-bit variant of SipHash, Aumasson and Bernstein, 2012; it
// is what the Linux kernel calls hsiphash). The key keeps whoever wrote the data from choosing texts that collide.

export interface KeyedHash {
  /** Leaves the two halves of the hash in `high` and `low`; nothing is allocated. */
  text(text: string): void;
  /** Of two words, to join hashes in their order. */
  words(first: number, second: number): void;
  high: number;
  low: number;
}

export function keyedHash(key0: number, key1: number): KeyedHash {
  let [v0, v1, v2, v3] = [0, 0, 0, 0];

  function begin(): void {
    v0 = key0;
    v1 = key1 ^ 0xee;
    v2 = 0x6c796765 ^ key0;
    v3 = 0x74656462 ^ key1;
  }

  function round(): void {
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5) | (v1 >>> 27);
    v1 ^= v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8) | (v3 >>> 24);
    v3 ^= v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7) | (v3 >>> 25);
    v3 ^= v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13) | (v1 >>> 19);
    v1 ^= v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }

  function word(value: number): void {
    v3 ^= value;
    round();
    v0 ^= value;
  }

  function end(): void {
    v2 ^= 0xee;
    round();
    round();
    round();
    hash.low = (v1 ^ v3) >>> 0;
    v1 ^= 0xdd;
    round();
    round();
    round();
    hash.high = (v1 ^ v3) >>> 0;
  }

  const hash: KeyedHash = {
    high: 0,
    low: 0,
    text(text) {
      begin();
      const { length } = text;
      const even = length & ~1;
      for (let at = 0; at < even; at += 2) word(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
      if (even < length) word(text.charCodeAt(even));
      word(length);
      end();
    },
    words(first, second) {
      begin();
      word(first);
      word(second);
      end();
    },
  };
  return hash;
}
