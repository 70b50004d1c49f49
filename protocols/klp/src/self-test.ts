/** Known-answer tests of the platform, to be run before a process does anything else. A platform that fails one is not safe to run on. */

import { createSigner, hmacSha256, sha256Hex, verifySignature } from "#crypto";
import { platformProblems } from "#platform-test";
import { canonicalJson } from "./canonical-json.ts";
import { KosError } from "./errors.ts";

/** RFC 8032 section 7.1, test 2. */
const SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE =
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

/**
 * Runs every known-answer test. Takes a few milliseconds.
 * @throws KosError INTERNAL naming all that failed (Ed25519, strictness against small-order keys, SHA-256, HMAC, canonical JSON; on Node also its
 * version, AES-GCM tag length and PBKDF2). The process must end: nothing it signs, checks or encrypts could be trusted.
 */
export function selfTest(): void {
  const problems = [...commonProblems(), ...platformProblems()];
  if (problems.length > 0) {
    throw new KosError("INTERNAL", `This platform fails the self-test: ${problems.join("; ")}. Use a current Node.js (24 or later).`, {
      details: { problems },
    });
  }
}

function commonProblems(): string[] {
  const problems: string[] = [];
  const expect = (what: string, answer: () => boolean) => {
    if (!holds(answer)) problems.push(what);
  };
  const key = fromHex(PUBLIC_KEY);
  const message = fromHex("72");
  const signature = fromHex(SIGNATURE);
  expect("Ed25519 signs otherwise than RFC 8032", () => toHex(createSigner(fromHex(SEED)).sign(message)) === SIGNATURE);
  expect("Ed25519 refuses a valid signature", () => verifySignature(key, message, signature));
  expect("Ed25519 accepts a changed message", () => !verifySignature(key, fromHex("73"), signature));
  expect("Ed25519 accepts a key of small order", () => !verifySignature(IDENTITY_POINT, message, SMALL_ORDER_SIGNATURE));
  expect("SHA-256 is wrong", () => sha256Hex("abc") === "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(
    "HMAC-SHA-256 is wrong",
    () =>
      toHex(hmacSha256(new TextEncoder().encode("Jefe"), "what do ya want for nothing?")) ===
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(
    "canonical JSON is wrong",
    () =>
      canonicalJson({
        "\u20ac": 1,
        "\r": 2,
        "10": [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        "9": '\u000f\n"\\/',
      }) === '{"\\r":2,"10":[333333333.3333333,1e+30,4.5,0.002,1e-27],"9":"\\u000f\\n\\"\\\\/","\u20ac":1}',
  );
  return problems;
}

/** The neutral point as key and as R, with S = 0: a lax verifier takes it as a signature of anything. */
const IDENTITY_POINT = Uint8Array.of(1, ...new Uint8Array(31));
const SMALL_ORDER_SIGNATURE = Uint8Array.of(1, ...new Uint8Array(63));

function holds(answer: () => boolean): boolean {
  try {
    return answer();
  } catch {
    return false; // A primitive that throws on a known answer fails the test like one that gives another.
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
