import { payloadCommitment, SALT_BYTES } from "@kos/evidence";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CommitmentMaker } from "./commitment-maker.ts";

test("[L8] the writer's commitment is the one that verifiers compute, one after the other and for any length", () => {
  const maker = new CommitmentMaker();
  const anySalt = fc.uint8Array({ minLength: SALT_BYTES, maxLength: SALT_BYTES });
  const anyPayload = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.integer({ min: 0, max: 20_000 }).map((length) => "é𝄞x".repeat(length)),
  );
  fc.assert(
    fc.property(anySalt, anyPayload, (salt, payload) => {
      expect(maker.commitmentOf(salt, payload)).toBe(payloadCommitment(salt, payload));
    }),
  );
  expect(() => maker.commitmentOf(new Uint8Array(15), "")).toThrow(RangeError);
});
