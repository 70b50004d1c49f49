/** The signed bytes as interfaces.md writes them down, rebuilt here with nothing of this package but the keys. */

import { Buffer } from "node:buffer";
import { createHash, createPublicKey, verify } from "node:crypto";
import canonicalize from "canonicalize";
import { expect, test } from "vitest";
import { core, draft, NOW_MS } from "./envelope.fixture.ts";
import { type BatchProof, type Envelope, encodeEnvelope, type SingleProof } from "./envelope.ts";
import { sealBatch, sealEnvelope } from "./seal.ts";

const key = createPublicKey({
  key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), core.publicKey]),
  format: "der",
  type: "spki",
});
const sha256 = (...parts: (Buffer | string)[]) =>
  createHash("sha256")
    .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
    .digest();
const signatureOf = (text: string) => Buffer.from(text.slice("ed25519:".length), "base64url");

function signedBytes(envelope: Envelope): Buffer {
  const { proof: _, ...auth } = envelope.auth;
  return Buffer.from(`klp/1.0:${envelope.type}\0${canonicalize({ ...envelope, auth })}`, "utf8");
}

test("[K18] a single proof signs klp/1.0:<type>, NUL, and the canonical JSON without auth.proof", () => {
  const envelope = sealEnvelope(draft, core, { now: NOW_MS });
  expect(verify(null, signedBytes(envelope), key, signatureOf((envelope.auth.proof as SingleProof).signature))).toBe(true);
});

test("an envelope travels as canonical JSON", () => {
  const envelope = sealEnvelope(draft, core, { now: NOW_MS });
  expect(new TextDecoder().decode(encodeEnvelope(envelope))).toBe(canonicalize(envelope));
});

test("[K26] a batch proof leads from the leaf to a root that is signed with its size", () => {
  const { envelopes } = sealBatch([draft, draft, draft], core, { now: NOW_MS });
  const leaves = envelopes.map((envelope) => sha256("\0", signedBytes(envelope)));
  const [first, second, third] = leaves as [Buffer, Buffer, Buffer];
  const pair = sha256("\x01", first, second);
  const root = sha256("\x01", pair, third);
  const size = Buffer.from("0000000000000003", "hex");
  const hash = (digest: Buffer) => `sha256:${digest.toString("hex")}`;
  const paths = [[second, third], [first, third], [pair]].map((path) => path.map(hash));
  envelopes.forEach((envelope, index) => {
    const proof = envelope.auth.proof as BatchProof;
    expect(proof).toMatchObject({ kind: "ed25519-batch", size: 3, index, path: paths[index] });
    expect(verify(null, Buffer.concat([Buffer.from("klp-batch/1.0\0"), size, root]), key, signatureOf(proof.root_signature))).toBe(true);
  });
});

test("[K27] a frame holds the envelopes without proofs and one proof for all", () => {
  const batch = sealBatch([draft, draft], core, { now: NOW_MS });
  const text = new TextDecoder().decode(batch.frame);
  const frame = JSON.parse(text) as { readonly envelopes: readonly Envelope[]; readonly proof: object; readonly protocol: string };
  expect(text).toBe(canonicalize(frame));
  expect(Object.keys(frame)).toEqual(["envelopes", "proof", "protocol"]);
  const [first] = batch.envelopes as [Envelope];
  const { root_signature, size } = first.auth.proof as BatchProof;
  expect(frame.proof).toEqual({ key: core.did, kind: "ed25519-batch", root_signature, size });
  expect(frame.envelopes).toEqual(batch.envelopes.map((envelope) => ({ ...envelope, auth: { key: core.did } })));
});
