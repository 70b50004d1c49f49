import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTraceparent, formatTraceparent, parseTraceparent } from "./traceparent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("traceparent", () => {
  it("[T14] reads the examples of the standard", () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.isSampled).toBe(false);
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-holds`)?.traceId).toBe(TRACE);
  });

  it("[T14] refuses what is none", () => {
    for (const text of [
      "",
      `ff-${TRACE}-${SPAN}-01`,
      `00-${"0".repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${TRACE}-${SPAN}-1`,
      ` 00-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01\n`,
    ]) {
      expect(parseTraceparent(text), text).toBeUndefined();
    }
  });

  it("[T14] makes valid ones, a child in its parent's trace, whatever the generator gives", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (first, second) => {
        const parent = createTraceparent((length) => first.slice(0, length));
        const child = createTraceparent((length) => second.slice(0, length), { ...parent, isSampled: false });
        for (const made of [parent, child]) expect(parseTraceparent(formatTraceparent(made))).toEqual(made);
        expect(child).toMatchObject({ traceId: parent.traceId, isSampled: false });
      }),
    );
    expect(createTraceparent((length) => new Uint8Array(length))).toEqual({
      traceId: `${"0".repeat(31)}1`,
      spanId: `${"0".repeat(15)}1`,
      isSampled: true,
    });
  });
});
