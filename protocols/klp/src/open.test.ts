import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import {
  agent,
  alter,
  bytesOf,
  context,
  core,
  draft,
  executor,
  lookup,
  NOW_MS,
  node,
  otherNode,
  sign,
  stranger,
  verdict,
} from "./envelope.fixture.ts";
import { type Envelope, encodeEnvelope, MESSAGE_TYPES } from "./envelope.ts";
import type { AgentId } from "./ids.ts";
import { openEnvelope } from "./open.ts";
import { createReplayWindow } from "./replay-window.ts";
import { type EnvelopeDraft, sealBatch, sealEnvelope } from "./seal.ts";

const seal = (changes: Partial<EnvelopeDraft> = {}, identity = core, now = NOW_MS) =>
  sealEnvelope({ ...draft, ...changes }, identity, { now });
const open = (envelope: Envelope, changes = {}) => verdict(() => openEnvelope(encodeEnvelope(envelope), context(changes)));

test("what was sealed is opened as it was, from bytes and from a parsed value", () => {
  for (const type of MESSAGE_TYPES) {
    const envelope = seal({ type });
    expect(openEnvelope(encodeEnvelope(envelope), context())).toEqual(envelope);
    expect(openEnvelope(JSON.parse(JSON.stringify(envelope)), context())).toEqual(envelope);
  }
});

test("any JSON value can be the payload", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (payload) => {
      if (/[0-9]{16}/.test(JSON.stringify(payload))) return; // integers beyond 2^53 have a test of their own
      const envelope = seal({ payload });
      expect(canonicalJson(openEnvelope(encodeEnvelope(envelope), context()))).toBe(canonicalJson(envelope));
    }),
    { numRuns: 50 },
  );
});

describe("[K19] the order of the checks", () => {
  const revoked = { status: "revoked", id: "kCore:other" } as const;
  const bound = { status: "active", id: "kCore:other" } as const;
  const seen = createReplayWindow({ now: () => NOW_MS });
  const everything = seal();
  // Every fault at once; each step takes the outermost away.
  const broken = {
    ...everything,
    protocol: "klp/9.0",
    type: "TASK_WISH",
    timestamp: "2026-11-22T09:00:00.000Z",
    to: "kExecutor:other",
    nonce: "again",
  } as unknown as Envelope;
  const faulty = { ...context(), lookupKey: lookup({}), replay: seen, maxBytes: 4000 };
  seen.claim({ from: "kCore:main", nonce: "again", forgetAtMs: NOW_MS + 600_000 });
  const steps: readonly (readonly [code: string, value: unknown, context: typeof faulty])[] = [
    ["TOO_LARGE", `${" ".repeat(4001)}{`, faulty],
    ["BAD_ENVELOPE", "{", faulty],
    ["BAD_ENVELOPE", { ...broken, extra: 1 }, faulty],
    ["VERSION_UNSUPPORTED", broken, faulty],
    ["EXPIRED", { ...broken, protocol: "klp/1.0" }, faulty],
    ["NOT_ADDRESSEE", { ...broken, protocol: "klp/1.0", timestamp: everything.timestamp }, faulty],
    ["IDENTITY_UNKNOWN", { ...broken, protocol: "klp/1.0", timestamp: everything.timestamp, to: everything.to }, faulty],
    ["IDENTITY_REVOKED", { ...everything, type: "TASK_WISH", nonce: "again" }, { ...faulty, lookupKey: lookup({ [core.did]: revoked }) }],
    ["IDENTITY_MISMATCH", { ...everything, type: "TASK_WISH", nonce: "again" }, { ...faulty, lookupKey: lookup({ [core.did]: bound }) }],
    ["SIGNATURE_INVALID", { ...everything, type: "TASK_WISH", nonce: "again" }, { ...faulty, lookupKey: context().lookupKey }],
    [
      "UNKNOWN_TYPE",
      sign({ ...everything, type: "TASK_WISH" as never, nonce: "again" }, core),
      { ...faulty, lookupKey: context().lookupKey },
    ],
    ["REPLAYED", sign({ ...everything, nonce: "again" }, core), { ...faulty, lookupKey: context().lookupKey }],
    ["accepted", everything, { ...faulty, lookupKey: context().lookupKey }],
  ];

  test.each(steps)("%s comes before everything after it in the list", (code, value, given) => {
    expect(verdict(() => openEnvelope(bytesOf(value), given))).toBe(code);
  });

  test("[R51] text that is not strict JSON is refused before any key is looked up", () => {
    const given = { ...context(), lookupKey: () => expect.unreachable("a key was looked up") };
    const text = new TextDecoder().decode(encodeEnvelope(seal()));
    const spoiled = [
      `\ufeff${text}`,
      text.replace('"payload":', '"payload":1,"payload":'),
      text.replace('"payload":', '"p\\u0061yload":1,"payload":'),
      text.replace("2.5", "9007199254740993"),
      text.replace("2.5", "NaN"),
      text.replace("ü", "\\ud800"),
    ];
    for (const other of spoiled) {
      expect(other).not.toBe(text);
      expect(verdict(() => openEnvelope(bytesOf(other), given))).toBe("BAD_ENVELOPE");
    }
  });

  test("the replay guard is asked only about messages that are authentic", () => {
    const given = { ...context(), replay: { claim: () => expect.unreachable("the guard was asked") } };
    expect(verdict(() => openEnvelope(bytesOf(alter(seal(), { payload: 1 })), given))).toBe("SIGNATURE_INVALID");
  });
});

describe("size", () => {
  test("the limit holds to the byte, for bytes and for parsed values", () => {
    const envelope = seal();
    const size = encodeEnvelope(envelope).length;
    for (const given of [encodeEnvelope(envelope), envelope]) {
      expect(verdict(() => openEnvelope(given, context({ maxBytes: size })))).toBe("accepted");
      expect(verdict(() => openEnvelope(given, context({ maxBytes: size - 1 })))).toBe("TOO_LARGE");
    }
  });

  test("one MiB is the default", () => {
    expect(verdict(() => openEnvelope(new Uint8Array(1_048_577), context()))).toBe("TOO_LARGE");
    expect(verdict(() => openEnvelope(new Uint8Array(1_048_576), context()))).toBe("BAD_ENVELOPE");
  });

  test("what seals opens: the largest payload that can be sealed fits the limit with its proof", () => {
    const room = 1_048_576 - 8192 - 1000;
    expect(open(seal({ payload: "ü".repeat(room / 2) }))).toBe("accepted");
    expect(verdict(() => seal({ payload: "ü".repeat(room) }))).toBe("TOO_LARGE");
  });
});

describe("the content under the signature", () => {
  test("[R52] order of keys, blanks and escapes make no difference", () => {
    const envelope = seal();
    const reordered = (value: unknown): unknown =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, item]) => [key, reordered(item)]),
          );
    const texts = [
      JSON.stringify(reordered(envelope)),
      JSON.stringify(envelope, null, 4),
      JSON.stringify(envelope).replace("ü", "\\u00FC"),
    ];
    for (const text of texts) expect(openEnvelope(bytesOf(text), context())).toEqual(envelope);
  });

  test("[R52] a change of any value, an added member and a missing one are refused, at every level", () => {
    const envelope = JSON.parse(JSON.stringify(seal({ reply_to: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6072" }))) as Envelope;
    const paths = allPaths(envelope);
    expect(paths.length).toBeGreaterThan(25);
    for (const path of paths) {
      for (const [what, other] of variants(envelope, path)) {
        const outcome = verdict(() => openEnvelope(bytesOf(other), context()));
        expect(outcome, `${path.join("/")} ${what}`).not.toBe("accepted");
      }
    }
  });

  test("[R52] within the payload every such change is a bad signature", () => {
    const envelope = seal();
    for (const payload of [{}, null, [draft.payload], { ...(draft.payload as object), more: 1 }]) {
      expect(open(alter(envelope, { payload }))).toBe("SIGNATURE_INVALID");
    }
    const { task_id: _, ...without } = envelope;
    expect(open(without)).toBe("SIGNATURE_INVALID");
  });

  test("[R53] a signature made for one type does not serve another", () => {
    for (const type of MESSAGE_TYPES.filter((name) => name !== draft.type)) expect(open(alter(seal(), { type }))).toBe("SIGNATURE_INVALID");
  });

  test("[R53] a proof of one kind does not serve as the other", () => {
    const batch = sealBatch([draft], core, { now: NOW_MS });
    const [batched] = batch.envelopes as [Envelope];
    const proof = batched.auth.proof as { readonly root_signature: string };
    const single = seal();
    expect(open(batched)).toBe("accepted");
    expect(open(alter(batched, { auth: { key: core.did, proof: { kind: "ed25519", signature: proof.root_signature } } }))).toBe(
      "SIGNATURE_INVALID",
    );
    const signature = (single.auth.proof as { readonly signature: string }).signature;
    const asBatch = { kind: "ed25519-batch", root_signature: signature, size: 1, index: 0, path: [] };
    expect(open(alter(single, { auth: { key: core.did, proof: asBatch } }))).toBe("SIGNATURE_INVALID");
  });
});

describe("[K24] proofs", () => {
  const withProof = (proof: unknown) => open(alter(seal(), { auth: { key: core.did, proof } }));
  const signature = (seal().auth.proof as { readonly signature: string }).signature;

  test("[R58] an envelope without a proof is refused", () => {
    expect(open(alter(seal(), { auth: { key: core.did } }))).toBe("BAD_ENVELOPE");
    expect(open(alter(seal(), { auth: { key: core.did, proof: null } }))).toBe("BAD_ENVELOPE");
    const { auth: _, ...without } = seal();
    expect(verdict(() => openEnvelope(bytesOf(without), context()))).toBe("BAD_ENVELOPE");
  });

  test.each([
    ["63 bytes", `ed25519:${"A".repeat(84)}`],
    ["65 bytes", `ed25519:${"A".repeat(87)}`],
    ["none", "ed25519:"],
    ["padding", `${signature}==`],
    ["standard base64", `${signature.slice(0, -3)}+/A`],
    [
      "loose trailing bits",
      `${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : signature.endsWith("Q") ? "R" : signature.endsWith("g") ? "h" : "x"}`,
    ],
    ["a line break", `${signature}\n`],
    ["another algorithm", signature.replace("ed25519:", "ed448:")],
    ["no algorithm", signature.replace("ed25519:", "")],
    ["capitals in the algorithm", signature.replace("ed25519:", "Ed25519:")],
    ["hex", `ed25519:${"00".repeat(64)}`],
    ["a number", 7],
    ["a list", [signature]],
  ])("[R58] a signature with %s is refused", (_, other) => {
    expect(withProof({ kind: "ed25519", signature: other })).toBe("SIGNATURE_INVALID");
  });

  test("[R58] any other kind of proof is refused, without fallback", () => {
    for (const kind of ["none", "hmac-sha256", "ES256", "rsa", "", "ED25519", "__proto__", "constructor"]) {
      expect(withProof({ kind, signature })).toBe("SIGNATURE_INVALID");
    }
    expect(withProof({ kind: 1, signature })).toBe("BAD_ENVELOPE");
  });

  test("[R58] a proof with members beside those of its kind is refused", () => {
    expect(withProof({ kind: "ed25519", signature, size: 1 })).toBe("BAD_ENVELOPE");
    expect(withProof({ kind: "ed25519" })).toBe("BAD_ENVELOPE");
  });
});

describe("[K20] time", () => {
  const at = (offsetMs: number, ttl_s = 300) => open(seal({ ttl_s }), { now: NOW_MS + offsetMs });

  test("[R54] a timestamp 300 s away is accepted, one beyond is not, on both sides", () => {
    expect([at(-300_000), at(300_000)]).toEqual(["accepted", "accepted"]);
    expect([at(-300_001), at(300_001), at(-301_000), at(301_000)]).toEqual(["EXPIRED", "EXPIRED", "EXPIRED", "EXPIRED"]);
  });

  test("a message lives as long as its ttl_s says and no longer", () => {
    expect([at(60_000, 60), at(60_001, 60), at(1000, 1), at(1001, 1)]).toEqual(["accepted", "EXPIRED", "accepted", "EXPIRED"]);
  });

  test("the clock may be a number or a function", () => {
    expect(open(seal(), { now: () => NOW_MS })).toBe("accepted");
    expect(open(seal(), { now: () => NOW_MS + 400_000 })).toBe("EXPIRED");
  });
});

describe("[K21] addresses", () => {
  test("[R55] a message for one agent is refused by another", () => {
    expect(open(seal({ to: "kExecutor:other" }))).toBe("NOT_ADDRESSEE");
    expect(open(seal(), { self: ["kExecutor:other"] })).toBe("NOT_ADDRESSEE");
    expect(open(seal(), { self: [] })).toBe("NOT_ADDRESSEE");
  });

  test("[R55] a message for one node's agent is refused on another node", () => {
    const to = `kExecutor:web@${node.did}`;
    expect(open(seal({ to }), { node: node.did })).toBe("accepted");
    expect(open(seal({ to }), { node: otherNode.did })).toBe("NOT_ADDRESSEE");
    expect(open(seal({ to }))).toBe("NOT_ADDRESSEE");
  });

  test("an agent may list itself with its node's did or without", () => {
    const self = [`kExecutor:web@${node.did}`];
    for (const to of ["kExecutor:web", `kExecutor:web@${node.did}`, "role:kExecutor"])
      expect(open(seal({ to }), { self, node: node.did })).toBe("accepted");
    expect(open(seal({ to: "kExecutor:web" }), { self: [`kExecutor:web@${otherNode.did}`], node: node.did })).toBe("NOT_ADDRESSEE");
  });

  test("an agent answers to its role and to broadcast, and to topics that it lists", () => {
    expect([open(seal({ to: "role:kExecutor" })), open(seal({ to: "broadcast" }))]).toEqual(["accepted", "accepted"]);
    expect([open(seal({ to: "role:kExec" })), open(seal({ to: "topic:news.local" }))]).toEqual(["NOT_ADDRESSEE", "NOT_ADDRESSEE"]);
    expect(open(seal({ to: "topic:news.local" }), { self: ["kExecutor:web", "topic:news.local"] })).toBe("accepted");
    expect(open(seal({ to: "role:kExecutor" }), { self: ["topic:kExecutor"] })).toBe("NOT_ADDRESSEE");
  });

  test("[R54] a sender on another node has to name this node, so that its message serves on no third one", () => {
    const from = `kCore:main@${otherNode.did}` as AgentId;
    const given = { node: node.did, lookupKey: lookup({ [core.did]: { status: "active", id: from } }) };
    for (const to of ["kExecutor:web", "role:kExecutor", "broadcast"]) expect(open(seal({ from, to }), given)).toBe("NOT_ADDRESSEE");
    expect(open(seal({ from, to: `kExecutor:web@${node.did}` }), given)).toBe("accepted");
  });
});

describe("keys", () => {
  test("[K22] [R56] an unknown key is refused, and is still unknown afterwards", () => {
    const given = context();
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(verdict(() => openEnvelope(encodeEnvelope(seal({}, stranger)), given))).toBe("IDENTITY_UNKNOWN");
    }
  });

  test("[K22] [R56] a revoked or expired key is refused", () => {
    expect(open(seal(), { lookupKey: lookup({ [core.did]: { status: "revoked", id: "kCore:main" } }) })).toBe("IDENTITY_REVOKED");
  });

  test("[K23] [R57] a key bound to one id cannot speak for another", () => {
    expect(open(seal({ from: "kCore:other" as AgentId }))).toBe("IDENTITY_MISMATCH");
    expect(open(seal({ from: `kCore:main@${node.did}` as AgentId }))).toBe("IDENTITY_MISMATCH");
  });

  test("[K23] [R57] a did that is not the did of the key is refused, whatever the registry says", () => {
    const given = { lookupKey: lookup({ [core.did]: { status: "active", id: executor.did } }) };
    expect(open(seal({ from: executor.did }), given)).toBe("IDENTITY_MISMATCH");
    expect(
      open(sealEnvelope(draft, node, { now: NOW_MS }), { lookupKey: lookup({ [node.did]: { status: "active", id: node.did } }) }),
    ).toBe("accepted");
  });

  test("[R57] naming another key than the one that signed is a bad signature", () => {
    const both = lookup({ [core.did]: { status: "active", id: "kCore:main" }, [stranger.did]: { status: "active", id: "kCore:main" } });
    const envelope = seal({}, stranger);
    expect(open(alter(envelope, { auth: { key: core.did, proof: envelope.auth.proof } }), { lookupKey: both })).toBe("SIGNATURE_INVALID");
  });

  test("an id with this node's did is the id without it", () => {
    expect(open(seal({ from: `kCore:main@${node.did}` as AgentId }), { node: node.did })).toBe("accepted");
  });

  test("the registry is asked for the key together with the id that claims it", () => {
    const asked: string[] = [];
    const sender = agent("kReviewer:a", 9);
    open(seal({}, sender), {
      lookupKey: (key: string, from: string) => {
        asked.push(key, from);
        return { status: "unknown" };
      },
    });
    expect(asked).toEqual([sender.did, "kReviewer:a"]);
  });
});

function allPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, item]) => [[...path, key], ...allPaths(item, [...path, key])]);
}

/** The envelope with the value at a path replaced, removed, and with a neighbour added. */
function variants(envelope: Envelope, path: readonly string[]): [what: string, value: unknown][] {
  const edit = (change: (parent: Record<string, unknown>, key: string) => void) => {
    const copy = structuredClone(envelope) as unknown as Record<string, unknown>;
    let parent = copy;
    for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
    change(parent, path.at(-1) as string);
    return copy;
  };
  return [
    ["replaced", edit((parent, key) => void (parent[key] = typeof parent[key] === "number" ? Number(parent[key]) + 1 : "other"))],
    ["removed", edit((parent, key) => (Array.isArray(parent) ? void parent.splice(Number(key), 1) : void delete parent[key]))],
    [
      "doubled",
      edit((parent, key) => (Array.isArray(parent) ? void parent.push(parent[Number(key)]) : void (parent[`${key}_2`] = parent[key]))),
    ],
  ];
}
