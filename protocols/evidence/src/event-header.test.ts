import { canonicalJson, formatHash, isKosError, leafHash } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EventHeader, eventHeaderText, eventLeafHash, parseEventHeader } from "./event-header.ts";

const anyText = fc.string({ unit: "grapheme", minLength: 1 });
const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => formatHash(bytes));
const anyHeader: fc.Arbitrary<EventHeader> = fc.record({
  v: fc.constant(1 as const),
  type: anyText,
  tenant: anyText,
  partition: fc.maxSafeNat(),
  plan_id: anyText,
  plan_seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  prev: fc.option(anyHash, { nil: null }),
  at: anyText,
  payload_commitment: anyHash.map((hash) => hash.replace("sha256", "hmac-sha256")),
});
const SAMPLE: EventHeader = {
  v: 1,
  type: "task.succeeded",
  tenant: "local",
  partition: 0,
  plan_id: "p",
  plan_seq: 1,
  prev: null,
  at: "2026-11-22T13:00:00Z",
  payload_commitment: `hmac-sha256:${"0".repeat(64)}`,
};

describe("event header", () => {
  test("[E1] the template writes exactly the canonical JSON of the header", () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        expect(eventHeaderText(header)).toBe(canonicalJson(header));
      }),
    );
  });

  test("[E1] what is written is read back", () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        expect(parseEventHeader(eventHeaderText(header))).toEqual(header);
      }),
    );
  });

  test("[E2] the leaf hash is that of RFC 6962 over the UTF-8 bytes", () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const text = eventHeaderText(header);
        expect(eventLeafHash(text)).toEqual(leafHash(new TextEncoder().encode(text)));
      }),
    );
  });

  test("[E1] any other spelling of a header is refused", () => {
    const text = eventHeaderText(SAMPLE);
    for (const other of [
      ` ${text}`,
      text.replace(":0,", ": 0,"),
      text.replace('"v":1', '"v":1.0'),
      text.replace("local", "\\u006cocal"),
      `${text}\n`,
    ]) {
      expect(() => parseEventHeader(other)).toThrow(/canonical/);
    }
  });

  test("[E1] a header with a wrong, missing or unknown field is refused and the field is named", () => {
    const wrongFields: [object, RegExp][] = [
      [{ v: 2 }, /version/],
      [{ plan_seq: 0 }, /plan_seq/],
      [{ partition: -1 }, /partition/],
      [{ partition: 1.5 }, /partition/],
      [{ prev: "sha256:00" }, /prev/],
      [{ payload_commitment: "hmac-sha256:00" }, /payload_commitment/],
      [{ tenant: "" }, /tenant/],
      [{ extra: 1 }, /extra/],
    ];
    for (const [change, named] of wrongFields) expect(() => parseEventHeader(canonicalJson({ ...SAMPLE, ...change }))).toThrow(named);
    for (const text of ["", "[]", "null", "{}", "1"]) expect(() => parseEventHeader(text)).toThrow();
  });

  test("a lone surrogate or a broken number cannot be written into a header", () => {
    for (const broken of [{ type: "\ud800" }, { plan_seq: Number.NaN }, { partition: 2 ** 60 }]) {
      const write = () => eventHeaderText({ ...SAMPLE, ...broken });
      expect(write).toThrow();
      try {
        write();
      } catch (error) {
        expect(isKosError(error, "BAD_REQUEST")).toBe(true);
      }
    }
  });
});
