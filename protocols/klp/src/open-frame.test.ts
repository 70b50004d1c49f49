import nodeCrypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { bytesOf, context, core, draft, lookup, NOW_MS, sign, stranger, verdict } from "./envelope.fixture.ts";
import { type Envelope, encodeEnvelope, type UnsignedEnvelope } from "./envelope.ts";
import { openEnvelope } from "./open.ts";
import { type FrameEntry, openFrame } from "./open-frame.ts";
import { createReplayWindow } from "./replay-window.ts";
import { type EnvelopeDraft, sealBatch, sealEnvelope } from "./seal.ts";

interface FrameText {
  envelopes: UnsignedEnvelope[];
  proof: Record<string, unknown>;
  protocol: string;
}

const drafts = (count: number): EnvelopeDraft[] => Array.from({ length: count }, (_, index) => ({ ...draft, payload: { index } }));
const seal = (count: number, identity = core) => sealBatch(drafts(count), identity, { now: NOW_MS });
const read = (frame: Uint8Array) => JSON.parse(new TextDecoder().decode(frame)) as FrameText;
const codes = (entries: readonly FrameEntry[]) => entries.map((entry) => (entry.ok ? "accepted" : entry.error.code));
/** The frame with something changed. */
const edited = (count: number, edit: (frame: FrameText) => void) => {
  const frame = read(seal(count).frame);
  edit(frame);
  return bytesOf(frame);
};

test("every message of a frame is opened, in order", () => {
  for (const count of [1, 2, 3, 5, 8, 33]) {
    const entries = openFrame(seal(count).frame, context());
    expect(codes(entries)).toEqual(new Array(count).fill("accepted"));
    expect(entries.map(({ envelope }) => envelope?.payload)).toEqual(drafts(count).map(({ payload }) => payload));
  }
});

test("each message of a batch also stands alone, with a proof of its own", () => {
  for (const count of [1, 2, 3, 7, 16]) {
    const given = context();
    for (const envelope of seal(count).envelopes) expect(verdict(() => openEnvelope(encodeEnvelope(envelope), given))).toBe("accepted");
  }
});

test("with each message comes the text that was signed, alone or in a frame", () => {
  const single = encodeEnvelope(sealEnvelope(draft, core, { now: NOW_MS }));
  const entries = [...openFrame(seal(3).frame, context()), ...openFrame(single, context())];
  for (const entry of entries) {
    if (!entry.ok) throw entry.error;
    expect(entry.canonical).toBe(canonicalJson({ ...entry.envelope, auth: { key: core.did } }));
  }
  expect(entries).toHaveLength(4);
});

test("a frame may hold a single envelope with its own proof", () => {
  const envelope = sealEnvelope(draft, core, { now: NOW_MS });
  expect(openFrame(encodeEnvelope(envelope), context())).toMatchObject([{ ok: true, envelope }]);
  expect(codes(openFrame(encodeEnvelope(envelope), context({ self: [] })))).toEqual(["NOT_ADDRESSEE"]);
});

test("the same message is accepted once, alone or in a frame", () => {
  const batch = seal(3);
  const given = context();
  openEnvelope(encodeEnvelope(batch.envelopes[1] as Envelope), given);
  expect(codes(openFrame(batch.frame, given))).toEqual(["accepted", "REPLAYED", "accepted"]);
  expect(codes(openFrame(batch.frame, given))).toEqual(["REPLAYED", "REPLAYED", "REPLAYED"]);
});

test("blanks and the order of keys make no difference", () => {
  const frame = read(seal(3).frame);
  const loose = JSON.stringify(
    {
      protocol: frame.protocol,
      proof: frame.proof,
      envelopes: frame.envelopes.map((envelope) => Object.fromEntries(Object.entries(envelope).reverse())),
    },
    null,
    2,
  );
  expect(codes(openFrame(bytesOf(loose), context()))).toEqual(["accepted", "accepted", "accepted"]);
});

test("[K28] the root signature is verified once for all of a frame, and not at all when nothing gets that far", () => {
  const { frame } = seal(8);
  const verify = vi.spyOn(nodeCrypto, "verify");
  syncBuiltinESMExports();
  try {
    expect(codes(openFrame(frame, context({ self: [] })))).toEqual(new Array(8).fill("NOT_ADDRESSEE"));
    expect(verify).toHaveBeenCalledTimes(0);
    expect(codes(openFrame(frame, context()))).toEqual(new Array(8).fill("accepted"));
    expect(verify).toHaveBeenCalledTimes(1);
  } finally {
    verify.mockRestore();
    syncBuiltinESMExports();
  }
});

describe("[K29] [R52] tampering", () => {
  test("a change in one message, or messages dropped, swapped or added, refuse the whole frame", () => {
    const edits: readonly ((frame: FrameText) => void)[] = [
      (frame) => void ((frame.envelopes[2] as { payload: unknown }).payload = { index: 3 }),
      (frame) => void (frame.envelopes = [frame.envelopes[1], frame.envelopes[0], ...frame.envelopes.slice(2)] as UnsignedEnvelope[]),
      (frame) => void (frame.envelopes[3] = frame.envelopes[2] as UnsignedEnvelope),
      (frame) => {
        frame.envelopes.pop();
        frame.proof["size"] = 3;
      },
      (frame) => {
        frame.envelopes.push(frame.envelopes[0] as UnsignedEnvelope);
        frame.proof["size"] = 5;
      },
    ];
    for (const edit of edits) {
      const entries = codes(openFrame(edited(4, edit), context()));
      expect(entries).toEqual(new Array(entries.length).fill("SIGNATURE_INVALID"));
    }
  });

  test("a refused frame leaves no trace in the replay guard", () => {
    const given = context();
    const batch = seal(2);
    const frame = read(batch.frame);
    (frame.envelopes[1] as { payload: unknown }).payload = 7;
    openFrame(bytesOf(frame), given);
    expect(codes(openFrame(batch.frame, given))).toEqual(["accepted", "accepted"]);
  });

  test("a signature of another key, of another batch and of a single envelope are refused", () => {
    const foreign = read(seal(2, stranger).frame).proof["root_signature"];
    const other = read(seal(2).frame).proof["root_signature"];
    const single = (sealEnvelope(draft, core, { now: NOW_MS }).auth.proof as { readonly signature: string }).signature;
    for (const signature of [foreign, other, single, "", `${String(other)}=`, null, 5]) {
      expect(
        codes(
          openFrame(
            edited(2, (frame) => void (frame.proof["root_signature"] = signature)),
            context(),
          ),
        ),
      ).toEqual(["SIGNATURE_INVALID", "SIGNATURE_INVALID"]);
    }
  });

  test("one flipped bit anywhere in the bytes lets nothing changed through", () => {
    const batch = seal(3);
    const genuine = new Set(read(batch.frame).envelopes.map((envelope) => JSON.stringify(envelope)));
    fc.assert(
      fc.property(fc.nat(batch.frame.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Uint8Array.from(batch.frame);
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        let entries: FrameEntry[] = [];
        const refused = verdict(() => {
          entries = openFrame(bytes, context());
        });
        if (refused !== "accepted") return;
        for (const entry of entries) if (entry.ok) expect(genuine.has(JSON.stringify(entry.envelope))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("[R53] a leaf cannot pass for a node, nor a tree for its subtree", () => {
    const batch = seal(4);
    const [first] = batch.envelopes as [Envelope];
    const proof = first.auth.proof as { readonly size: number; readonly path: readonly string[] };
    for (const changed of [
      { size: 2, path: proof.path.slice(0, 1) },
      { size: 8, path: [...proof.path, proof.path[0]] },
      { path: proof.path.toReversed() },
      { index: 1 },
      { path: [] },
    ]) {
      const envelope = { ...first, auth: { ...first.auth, proof: { ...proof, ...changed } } };
      expect(verdict(() => openEnvelope(bytesOf(envelope), context()))).toBe("SIGNATURE_INVALID");
    }
  });

  test("a path in any but the one spelling of hashes is refused", () => {
    const [first] = seal(2).envelopes as [Envelope];
    const proof = first.auth.proof as { readonly path: readonly string[] };
    for (const hash of [proof.path[0]?.toUpperCase(), proof.path[0]?.slice(7), `${proof.path[0]} `, 5, null]) {
      const envelope = { ...first, auth: { ...first.auth, proof: { ...proof, path: [hash] } } };
      expect(verdict(() => openEnvelope(bytesOf(envelope), context()))).toBe("SIGNATURE_INVALID");
    }
  });
});

describe("[K28] judging each message on its own", () => {
  test("what is expired, for others or too large is refused and the rest is accepted", () => {
    const mixed: EnvelopeDraft[] = [
      draft,
      { ...draft, to: "kExecutor:other" },
      { ...draft, ttl_s: 1 },
      { ...draft, payload: "x".repeat(3000) },
      draft,
    ];
    const { frame } = sealBatch(mixed, core, { now: NOW_MS });
    expect(codes(openFrame(frame, context({ now: NOW_MS + 1001, maxBytes: 2000 })))).toEqual([
      "accepted",
      "NOT_ADDRESSEE",
      "EXPIRED",
      "TOO_LARGE",
      "accepted",
    ]);
  });

  test("an id the key is not bound to is refused for that message", () => {
    const { frame } = sealBatch([draft, { ...draft, from: stranger.did }], core, { now: NOW_MS });
    expect(codes(openFrame(frame, context()))).toEqual(["accepted", "IDENTITY_MISMATCH"]);
  });

  test("a revoked key is refused before the signature is looked at", () => {
    const entries = openFrame(
      edited(2, (frame) => void (frame.proof["root_signature"] = "")),
      context({ lookupKey: lookup({ [core.did]: { status: "revoked" } }) }),
    );
    expect(codes(entries)).toEqual(["IDENTITY_REVOKED", "IDENTITY_REVOKED"]);
  });
});

describe("[K27] frames that cannot be read", () => {
  test.each<readonly [string, (frame: FrameText) => void]>([
    ["a member too many", (frame) => void Object.assign(frame, { extra: 1 })],
    ["no envelope", (frame) => void (frame.envelopes = [])],
    ["another size than its envelopes", (frame) => void (frame.proof["size"] = 3)],
    ["another kind of proof", (frame) => void (frame.proof["kind"] = "ed25519")],
    ["no proof", (frame) => void (frame.proof = null as never)],
    ["a proof with a member too many", (frame) => void (frame.proof["path"] = [])],
    ["a key that is no did", (frame) => void (frame.proof["key"] = "key")],
    ["another key than its envelopes", (frame) => void (frame.proof["key"] = stranger.did)],
    ["an envelope that is none", (frame) => void (frame.envelopes[0] = null as never)],
    ["an envelope with a proof of its own", (frame) => void (frame.envelopes[0] = sign(frame.envelopes[0] as UnsignedEnvelope, core))],
    ["a protocol that is no text", (frame) => void (frame.protocol = 1 as never)],
  ])("a frame with %s is refused as a whole", (_, edit) => {
    expect(verdict(() => openFrame(edited(2, edit), context()))).toBe("BAD_ENVELOPE");
  });

  test("[R51] a name that stands twice in any part refuses the frame", () => {
    const text = new TextDecoder().decode(seal(2).frame);
    for (const other of [text.replace('"payload":', '"payload":1,"payload":'), text.replace('"proof":', '"proof":1,"proof":')]) {
      expect(verdict(() => openFrame(bytesOf(other), context()))).toBe("BAD_ENVELOPE");
    }
  });

  test("a frame beyond the limit is refused before it is read", () => {
    const { frame } = seal(2);
    expect(verdict(() => openFrame(frame, { ...context(), maxFrameBytes: frame.length - 1 }))).toBe("TOO_LARGE");
    expect(verdict(() => openFrame(frame, { ...context(), maxFrameBytes: frame.length }))).toBe("accepted");
  });

  test("a full replay guard refuses messages and says so", () => {
    const replay = createReplayWindow({ now: () => NOW_MS, maxMarks: 1 });
    expect(codes(openFrame(seal(2).frame, context({ replay })))).toEqual(["accepted", "RATE_LIMITED"]);
  });
});
