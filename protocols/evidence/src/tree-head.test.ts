import { createHash } from "node:crypto";
import { createSigner, formatHash } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { NODE, SIGNER } from "./evidence.fixture.ts";
import { logId, signTreeHead, treeHeadBytes, verifyTreeHead } from "./tree-head.ts";

const ROOT = new Uint8Array(32).fill(5);
const LOG = logId(NODE, 0);

describe("tree head", () => {
  test("[E4] the signed bytes are context, NUL, log id, size as uint64 big-endian and root", () => {
    const expected = Buffer.concat([
      Buffer.from("kos-log/1.0\0"),
      createHash("sha256").update(`kos-log-id/1.0\0${NODE}\0`).update("0").digest(),
      Buffer.from("0000010203040506", "hex"),
      ROOT,
    ]);
    expect(Buffer.from(treeHeadBytes(LOG, 0x010203040506, ROOT))).toEqual(expected);
  });

  test("[E4] node and partition each give another log id", () => {
    const ids = new Set([logId(NODE, 0), logId(NODE, 1), logId(`${NODE}x`, 0), logId(NODE, 10)]);
    expect(ids.size).toBe(4);
  });

  test("[E4] a signed head verifies, and not after any change", () => {
    const head = signTreeHead(LOG, 7, ROOT, SIGNER.sign);
    expect(verifyTreeHead(head, SIGNER.publicKey)).toBe(true);
    const changes = [
      { size: 8 },
      { size: -1 },
      { size: 7.5 },
      { root: formatHash(new Uint8Array(32)) },
      { root: "sha256:00" },
      { log_id: logId(NODE, 1) },
      { signature: head.signature.slice(0, -1) },
      { signature: "" },
    ];
    for (const change of changes) expect(verifyTreeHead({ ...head, ...change }, SIGNER.publicKey)).toBe(false);
    expect(verifyTreeHead(head, createSigner(new Uint8Array(32)).publicKey)).toBe(false);
  });

  test("a size or root that cannot be is refused before anything is signed", () => {
    expect(() => treeHeadBytes(LOG, -1, ROOT)).toThrow(RangeError);
    expect(() => treeHeadBytes(LOG, 2 ** 53, ROOT)).toThrow(RangeError);
    expect(() => treeHeadBytes(LOG, 1, new Uint8Array(31))).toThrow(RangeError);
  });
});
