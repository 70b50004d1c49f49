import { createPrivateKey, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifySignature } from "./crypto/node.ts";
import { encodeDidKey } from "./did-key.ts";
import { core, draft, executor, NOW_MS, node, otherNode, stranger, verdict } from "./envelope.fixture.ts";
import { createIdentity, createNodeIdentity, decodeKeyFile, encodeKeyFile, generateSeed } from "./identity.ts";
import { type CardTerms, type IdentityCard, issueCard, rotateKey, verifyCard, verifyRotation } from "./identity-card.ts";
import type { AgentId, DidKey } from "./ids.ts";
import { manifestContent } from "./manifest.fixture.ts";
import { signManifest } from "./manifest.ts";
import { sealEnvelope } from "./seal.ts";
import { signDocument, verifyDocument } from "./signed-document.ts";

const bytes = new TextEncoder().encode("message");

describe("identities", () => {
  test("what an identity signs verifies under its key and did", () => {
    expect(verifySignature(core.publicKey, bytes, core.sign(bytes))).toBe(true);
    expect(core).toMatchObject({ id: "kCore:main", did: encodeDidKey(core.publicKey) });
  });

  test("the id of a node is its did", () => {
    expect(node.id).toBe(node.did);
    expect(createNodeIdentity(new Uint8Array(32).fill(4)).did).toBe(node.did);
  });

  test("the private key does not show in what can be printed", () => {
    const seed = new Uint8Array(32).fill(0x5a);
    const shown = JSON.stringify(createIdentity("kCore:main" as AgentId, seed), (_, value: unknown) =>
      value instanceof Uint8Array ? [...value] : value,
    );
    expect(shown).not.toContain("90,90,90");
    expect(shown).not.toContain("5a5a5a");
  });

  test("fresh seeds differ", () => {
    expect(new Set(Array.from({ length: 100 }, () => generateSeed().join())).size).toBe(100);
  });
});

describe("key files", () => {
  test("are PKCS #8 in PEM, which other tools read as the same key", () => {
    const seed = new Uint8Array(32).fill(1);
    const pem = encodeKeyFile(seed);
    expect(new Uint8Array(sign(null, bytes, createPrivateKey(pem)))).toEqual(core.sign(bytes));
    expect(createPrivateKey(pem).export({ format: "pem", type: "pkcs8" })).toBe(pem);
  });

  test("are read back, with line ends of either kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (seed, windows) => {
        const content = encodeKeyFile(seed);
        expect(decodeKeyFile(windows ? content.replaceAll("\n", "\r\n") : content)).toEqual(seed);
      }),
    );
  });

  test("anything else is refused without showing what was in it", () => {
    const content = encodeKeyFile(new Uint8Array(32).fill(1));
    const secret = content.split("\n")[1] as string;
    for (const other of [
      "",
      "secret",
      content.slice(1),
      content.replace("PRIVATE", "PUBLIC"),
      content.replace(secret, `${secret}AAAA`),
      content.replace(secret, secret.slice(0, -4)),
      content.replace("MC4", "MD4"),
      content + content,
    ]) {
      expect(verdict(() => decodeKeyFile(other))).toBe("BAD_REQUEST");
      expect(() => decodeKeyFile(other)).not.toThrow(secret.slice(30));
    }
  });
});

const terms: CardTerms = { id: executor.id, publicKey: executor.publicKey, validFromMs: NOW_MS, expiresMs: NOW_MS + 86_400_000 };
const trust = { now: () => NOW_MS, isTrustedIssuer: (issuer: DidKey) => issuer === node.did };

describe("[K14] identity cards", () => {
  const card = issueCard(terms, node);

  test("a card that a trusted node issued is accepted for its time", () => {
    expect(verifyCard(JSON.parse(JSON.stringify(card)), trust)).toEqual(card);
    for (const [offsetMs, outcome] of [
      [-1, "EXPIRED"],
      [0, "accepted"],
      [86_399_999, "accepted"],
      [86_400_000, "EXPIRED"],
    ] as const) {
      expect(verdict(() => verifyCard(card, { ...trust, now: () => NOW_MS + offsetMs }))).toBe(outcome);
    }
  });

  test("[R56] a card of an unknown issuer is refused, however well it is signed", () => {
    expect(verdict(() => verifyCard(issueCard(terms, otherNode), trust))).toBe("IDENTITY_UNKNOWN");
  });

  test("every change of a card is refused", () => {
    const changes: Record<keyof IdentityCard, unknown> = {
      schema_version: 2,
      id: "kExecutor:other",
      public_key: stranger.did,
      issuer: otherNode.did,
      valid_from: "2020-01-01T00:00:00.000Z",
      expires: "2099-01-01T00:00:00.000Z",
      signature: core.did,
    };
    for (const [name, value] of Object.entries(changes)) {
      expect(
        verdict(() => verifyCard({ ...card, [name]: value }, trust)),
        name,
      ).not.toBe("accepted");
      const { [name as keyof IdentityCard]: _, ...without } = card;
      expect(
        verdict(() => verifyCard(without, trust)),
        name,
      ).toBe("BAD_REQUEST");
    }
    expect(verdict(() => verifyCard({ ...card, extra: 1 }, trust))).toBe("BAD_REQUEST");
    expect(verdict(() => verifyCard({ ...card, expires: "2099-01-01T00:00:00.000Z" }, trust))).toBe("SIGNATURE_INVALID");
  });

  test("[R57] a card for a did that is not the did of its key is refused", () => {
    const wrong = issueCard({ ...terms, id: stranger.did }, node);
    expect(verdict(() => verifyCard(wrong, trust))).toBe("IDENTITY_MISMATCH");
    expect(verdict(() => verifyCard(issueCard({ ...terms, id: executor.did }, node), trust))).toBe("accepted");
  });

  test("a card that would never be valid is not issued", () => {
    expect(() => issueCard({ ...terms, expiresMs: NOW_MS }, node)).toThrow(RangeError);
  });

  test.each([null, 1, "card", [], {}])("%j is refused", (value) => {
    expect(verdict(() => verifyCard(value, trust))).toBe("BAD_REQUEST");
  });
});

describe("[K15] rotation", () => {
  const bound = { id: core.id, key: core.did };
  const rotation = rotateKey(core, stranger, NOW_MS);

  test("the old key hands its id over to the new one", () => {
    expect(verifyRotation(JSON.parse(JSON.stringify(rotation)), bound)).toMatchObject({
      id: "kCore:main",
      old_key: core.did,
      new_key: stranger.did,
    });
  });

  test("[R57] it is accepted only from the key that is bound to the id now", () => {
    expect(verdict(() => verifyRotation(rotation, { id: core.id, key: executor.did }))).toBe("IDENTITY_MISMATCH");
    expect(verdict(() => verifyRotation(rotation, { id: executor.id, key: core.did }))).toBe("IDENTITY_MISMATCH");
  });

  test("both signatures are needed, each over all of it", () => {
    for (const changes of [
      { signature: rotation.new_key_signature },
      { new_key_signature: rotation.signature },
      { rotated_at: "2026-11-22T10:00:00.001Z" },
      { new_key: executor.did },
    ]) {
      expect(verdict(() => verifyRotation({ ...rotation, ...changes }, bound))).toBe("SIGNATURE_INVALID");
    }
    const self = rotateKey(stranger, core, NOW_MS);
    expect(verdict(() => verifyRotation({ ...rotation, signature: self.signature }, bound))).toBe("SIGNATURE_INVALID");
  });

  test("a rotation onto the same key, or of another shape, is refused", () => {
    expect(verdict(() => verifyRotation(rotateKey(core, core, NOW_MS), bound))).toBe("BAD_REQUEST");
    expect(verdict(() => verifyRotation({ ...rotation, extra: 1 }, bound))).toBe("BAD_REQUEST");
    expect(verdict(() => verifyRotation({ ...rotation, rotated_at: "yesterday" }, bound))).toBe("BAD_REQUEST");
  });
});

describe("[K13] signing domains", () => {
  const document = { schema_version: 1, id: "kCore:main", issued: "now" };

  test("[R53] a signature made under one domain is worth nothing under any other", () => {
    const domains = [
      "klp/1.0:PING",
      "klp/1.0:PONG",
      "klp-card/1.0",
      "klp-manifest/1.0",
      "klp-rotation/1.0",
      "kos-log/1.0",
      "klp-handshake/1.0:PROOF",
    ];
    for (const made of domains) {
      const signature = signDocument(made, document, core);
      for (const used of domains) expect(verifyDocument(used, document, core.publicKey, signature)).toBe(made === used);
    }
  });

  test("[R53] the signatures of card, manifest, envelope and rotation do not serve for one another", () => {
    const made = [
      issueCard(terms, node).signature,
      signManifest(
        manifestContent,
        { id: executor.id as AgentId, publicKey: executor.publicKey, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 1000 },
        node,
      ).signature,
      (sealEnvelope(draft, node, { now: NOW_MS }).auth.proof as { readonly signature: string }).signature,
      rotateKey(node, stranger, NOW_MS).signature,
    ];
    const card = issueCard(terms, node);
    expect(made.map((signature) => verdict(() => verifyCard({ ...card, signature }, trust)))).toEqual([
      "accepted",
      "SIGNATURE_INVALID",
      "SIGNATURE_INVALID",
      "SIGNATURE_INVALID",
    ]);
  });

  test("a domain is written in one form, so that none is the beginning of another", () => {
    for (const domain of ["", "klp", "klp/1", "KLP/1.0", "klp/1.0\0x", "klp/1.0:ping", "klp/1.0:", "a b/1.0"]) {
      expect(() => signDocument(domain, document, core)).toThrow(RangeError);
    }
  });

  test("a document is signed without the signature it has, and by canonical form", () => {
    const signature = signDocument("kos-test/1.0", { b: 1, a: 2, signature: "old" }, core);
    expect(verifyDocument("kos-test/1.0", { a: 2, signature, b: 1 }, core.publicKey)).toBe(true);
    expect(verifyDocument("kos-test/1.0", { a: 2, b: 1 }, core.publicKey)).toBe(false);
  });
});
