import { expect, it } from "vitest";
import { flipByte } from "./flip-byte.ts";

it("changes one byte of a copy, wherever chance points, and nothing else", () => {
  const bytes = Uint8Array.from([1, 2, 3, 4]);
  for (const [chance, offset] of [
    [0, 0],
    [0.5, 2],
    [1, 3],
  ] as const) {
    const flipped = flipByte(bytes, () => chance);
    expect(flipped.offset).toBe(offset);
    expect([...flipped.bytes].map((byte, place) => byte !== bytes[place])).toEqual([0, 1, 2, 3].map((place) => place === offset));
  }
  expect([...bytes]).toEqual([1, 2, 3, 4]);
});
