import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verdict } from "./envelope.fixture.ts";
import { createFrameDecoder, encodeFrame } from "./frame.ts";

const MAX = 1000;
const concat = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

test("a frame is its length in four bytes, big-endian, and its content", () => {
  expect([...encodeFrame(Uint8Array.of(7, 8, 9), MAX)]).toEqual([0, 0, 0, 3, 7, 8, 9]);
});

test("however a stream is cut, the same frames come out", () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 8 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (contents, cuts) => {
      const stream = concat(contents.map((content) => encodeFrame(content, MAX)));
      const decoder = createFrameDecoder(MAX);
      const out: Uint8Array[] = [];
      for (let offset = 0, cut = 0; offset < stream.length; cut++) {
        const length = cuts[cut % cuts.length] as number;
        out.push(...decoder.push(stream.slice(offset, offset + length)));
        offset += length;
      }
      decoder.end();
      expect(out).toEqual(contents);
    }),
  );
});

test("an empty piece changes nothing", () => {
  const decoder = createFrameDecoder(MAX);
  expect(decoder.push(new Uint8Array())).toEqual([]);
  decoder.end();
});

describe("[K35] limits", () => {
  const header = (length: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  };

  test("a frame of the largest size passes, one byte more is refused at its header", () => {
    expect(createFrameDecoder(3).push(encodeFrame(Uint8Array.of(1, 2, 3), 3))).toHaveLength(1);
    expect(verdict(() => createFrameDecoder(3).push(header(4)))).toBe("TOO_LARGE");
    expect(verdict(() => createFrameDecoder(MAX).push(header(0xffffffff)))).toBe("TOO_LARGE");
    expect(verdict(() => encodeFrame(new Uint8Array(4), 3))).toBe("TOO_LARGE");
  });

  test("an empty frame is refused on both sides", () => {
    expect(verdict(() => createFrameDecoder(MAX).push(header(0)))).toBe("BAD_ENVELOPE");
    expect(verdict(() => encodeFrame(new Uint8Array(), MAX))).toBe("BAD_REQUEST");
  });

  test("after a refusal the stream stays refused", () => {
    const decoder = createFrameDecoder(3);
    expect(verdict(() => decoder.push(header(4)))).toBe("TOO_LARGE");
    expect(verdict(() => decoder.push(encodeFrame(Uint8Array.of(1), 3)))).toBe("TOO_LARGE");
    expect(verdict(() => decoder.end())).toBe("TOO_LARGE");
  });

  test("a stream that ends within a frame or its header is refused", () => {
    for (const cut of [1, 4, 5]) {
      const decoder = createFrameDecoder(MAX);
      decoder.push(encodeFrame(Uint8Array.of(1, 2), MAX).slice(0, cut));
      expect(verdict(() => decoder.end())).toBe("BAD_ENVELOPE");
    }
  });
});
