import fc from "fast-check";
import { expect, test } from "vitest";
import * as browser from "./browser.ts";
import * as node from "./node.ts";
import { testPrimitivesContract } from "./primitives.contract.ts";

testPrimitivesContract("@noble", browser);

test("[K11] [R50] Node and browser give the same verdict on random, mostly broken input", () => {
  const signer = node.createSigner(new Uint8Array(32).fill(5));
  const message = Uint8Array.of(1, 2, 3);
  const sound = Uint8Array.of(...signer.publicKey, ...signer.sign(message));
  // Bytes near the edges of the encodings are as likely as random ones.
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xec, 0xed, 0xff, 0x10));
  const change = fc.tuple(fc.nat(95), byte);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const bytes = Uint8Array.from(sound);
      for (const [index, value] of changes) bytes[index] = value;
      const parts = [bytes.subarray(0, 32), message, bytes.subarray(32)] as const;
      expect(browser.verifySignature(...parts)).toBe(node.verifySignature(...parts));
    }),
    { numRuns: 300 },
  );
});
