import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { decodeDidKey, encodeDidKey, isDidKey } from "./did-key.ts";
import { node, verdict } from "./envelope.fixture.ts";
import { formatHash, hashText, isHashText, parseHash } from "./hash-text.ts";
import { formatSignature, parseSignature } from "./signature-text.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

describe("[K8] base64url", () => {
  test("writes as Node does and reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64Url(text)).toEqual(bytes);
      }),
    );
  });

  test("a text is read only if it is the one that writing gives", () => {
    const character = fc.constantFrom(...Array.from("AQgwZz09-_+/= \n\té"));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 8 }), (text) => {
        const bytes = decodeBase64Url(text);
        if (bytes !== undefined) expect(encodeBase64Url(bytes)).toBe(text);
        else expect(Buffer.from(text, "base64url").toString("base64url")).not.toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("[K8] hashes", () => {
  test("are written sha256: and lower-case hex, and read back", () => {
    expect(hashText("abc")).toBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(formatHash(parseHash(hashText("abc")))).toBe(hashText("abc"));
    expect(() => formatHash(new Uint8Array(31))).toThrow(RangeError);
  });

  test.each([
    "",
    "sha256:",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    hashText("a").toUpperCase(),
    `${hashText("a")}0`,
    `${hashText("a")}\n`,
    hashText("a").replace("256", "512"),
    5,
    null,
  ])("%j is refused", (text) => {
    expect(isHashText(text)).toBe(false);
    expect(verdict(() => parseHash(text as string))).toBe("BAD_REQUEST");
  });
});

describe("[K8] signatures", () => {
  test("are written ed25519: and base64url, and read back", () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => index);
    expect(parseSignature(formatSignature(bytes))).toEqual(bytes);
    expect(() => formatSignature(new Uint8Array(63))).toThrow(RangeError);
  });

  test("[R58] no other text is read", () => {
    const text = formatSignature(new Uint8Array(64).fill(1));
    for (const other of [
      `${text}=`,
      text.slice(0, -1),
      text.replace("ed25519", "ED25519"),
      text.slice(8),
      `${text.slice(0, -1)}R`,
      `${text.slice(0, -1)}+`,
      7,
      null,
      undefined,
      [text],
    ]) {
      expect(parseSignature(other)).toBeUndefined();
    }
  });
});

describe("[K8] did:key", () => {
  test("writes the examples of the did:key specification", () => {
    const examples = [
      "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
      "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG",
      "did:key:z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf",
    ];
    for (const did of examples) {
      const key = decodeDidKey(did);
      expect(key && encodeDidKey(key)).toBe(did);
    }
    expect(Buffer.from(decodeDidKey(examples[0] as string) as Uint8Array).toString("hex")).toBe(
      "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    );
  });

  test("is read back to the same key, for every key", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const did = encodeDidKey(key);
        expect(did).toMatch(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
        const back = decodeDidKey(did);
        if (back !== undefined) expect(back).toEqual(key);
      }),
    );
  });

  test("[R50] the did of a key of small order is not read", () => {
    expect(isDidKey(encodeDidKey(Uint8Array.of(1, ...new Uint8Array(31))))).toBe(false);
    expect(isDidKey(encodeDidKey(new Uint8Array(32)))).toBe(false);
    expect(isDidKey(encodeDidKey(new Uint8Array(32).fill(0xff)))).toBe(false);
  });

  test.each([
    ["nothing", ""],
    ["another method", node.did.replace("did:key", "did:web")],
    ["another base", node.did.replace(":z", ":u")],
    ["another codec (P-256)", "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"],
    ["a character more", `${node.did}1`],
    ["a character less", node.did.slice(0, -1)],
    ["a letter that base58 has not", `${node.did.slice(0, -1)}0`],
    ["a fragment", `${node.did}#key`],
    ["a line break", `${node.did}\n`],
    ["a value that needs more bytes", `did:key:z6Mk${"z".repeat(44)}`],
  ])("a did with %s is refused", (_, text) => {
    expect(decodeDidKey(text)).toBeUndefined();
  });

  test("a key has 32 bytes", () => {
    expect(() => encodeDidKey(new Uint8Array(33))).toThrow(RangeError);
  });
});

describe("[K8] times", () => {
  test("are written in UTC with milliseconds and read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (timeMs) => {
        expect(parseTimestamp(formatTimestamp(timeMs))).toBe(timeMs);
      }),
    );
  });

  test("seconds may have a fraction of up to nine digits, or none", () => {
    expect(parseTimestamp("2026-11-22T10:11:12Z")).toBe(Date.UTC(2026, 10, 22, 10, 11, 12));
    expect(parseTimestamp("2026-11-22T10:11:12.5Z")).toBe(Date.UTC(2026, 10, 22, 10, 11, 12, 500));
    expect(parseTimestamp("2026-11-22T10:11:12.123456789Z")).toBe(Date.UTC(2026, 10, 22, 10, 11, 12, 123));
    expect(parseTimestamp("2024-02-29T00:00:00Z")).toBe(Date.UTC(2024, 1, 29));
  });

  test.each([
    "",
    "2026-11-22",
    "2026-11-22T10:11:12",
    "2026-11-22T10:11:12+00:00",
    "2026-11-22T10:11:12z",
    "2026-11-22 10:11:12Z",
    "2026-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-12-31T23:59:60Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.1234567890Z",
    " 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z\n",
    1,
    null,
  ])("%j is refused", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
