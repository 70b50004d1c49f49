import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatSalt, parseSalt, payloadCommitment, SALT_BYTES } from "./payload-commitment.ts";

const anySalt = fc.uint8Array({ minLength: SALT_BYTES, maxLength: SALT_BYTES });

describe("payload commitment", () => {
  test("[E3] it is HMAC-SHA-256 of the payload's UTF-8 bytes under the salt", () => {
    fc.assert(
      fc.property(anySalt, fc.string({ unit: "grapheme" }), (salt, payload) => {
        expect(payloadCommitment(salt, payload)).toBe(`hmac-sha256:${createHmac("sha256", salt).update(payload, "utf8").digest("hex")}`);
      }),
    );
  });

  test("[E3] a salt has sixteen bytes and one spelling", () => {
    fc.assert(
      fc.property(anySalt, (salt) => {
        expect(parseSalt(formatSalt(salt))).toEqual(salt);
      }),
    );
    for (const text of ["", "AAAA", "A".repeat(21), "A".repeat(23), `${"A".repeat(21)}B`, `${"A".repeat(22)}==`, `${"A".repeat(21)}+`]) {
      expect(parseSalt(text)).toBeUndefined();
    }
    expect(() => payloadCommitment(new Uint8Array(15), "")).toThrow(RangeError);
  });
});
