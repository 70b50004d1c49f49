import { canonicalJson, createSigner, encodeDidKey, hashText, type Signer, signDocument } from "@kos/klp";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { buildEvidence } from "./build-evidence.ts";
import { ENVELOPE, NODE, REPORT, requestFor, SampleLog, SIGNER, sampleEvents } from "./evidence.fixture.ts";
import { EVIDENCE_FORMAT, type EvidenceDocument } from "./evidence-document.ts";
import { makeIndex } from "./evidence-index.ts";
import type { EvidenceCheckId } from "./evidence-report.ts";
import { verifyEvidence } from "./verify-evidence.ts";

type Draft = { -readonly [Field in keyof EvidenceDocument]: EvidenceDocument[Field] };

let closed: Uint8Array;
let open: Uint8Array;

beforeAll(async () => {
  const log = new SampleLog(sampleEvents(5));
  closed = await buildEvidence(requestFor(log, "run-a"));
  open = await buildEvidence(requestFor(log, "run-b"));
});

function documentOf(bytes: Uint8Array): Draft {
  return JSON.parse(new TextDecoder().decode(bytes)) as Draft;
}

function bytesOf(document: object): Uint8Array {
  return new TextEncoder().encode(canonicalJson(document));
}

/** The file as its own node, or another, would write it after a change. */
function resigned(document: Draft, signer: Signer = SIGNER): Uint8Array {
  const { index: _index, signature: _signature, ...content } = document;
  const unsigned = { ...content, index: makeIndex(content) };
  return bytesOf({ ...unsigned, signature: signDocument(EVIDENCE_FORMAT, unsigned, signer) });
}

/** For every byte of the file the item whose value it is part of; empty for names and punctuation between items. */
function homesOf(document: Draft): string[] {
  const homes: string[] = [];
  const take = (text: string, home: string) => {
    for (const _ of new TextEncoder().encode(text)) homes.push(home);
  };
  for (const [place, name] of (Object.keys(document) as (keyof Draft)[]).sort().entries()) {
    take(`${place === 0 ? "{" : ","}${JSON.stringify(name)}:`, "");
    if (name !== "events") take(canonicalJson(document[name]), name);
    else {
      for (const [index, event] of document.events.entries()) {
        take(index === 0 ? "[" : ",", "");
        take(canonicalJson(event), `events/${index}`);
      }
      take("]", "");
    }
  }
  take("}", "");
  return homes;
}

describe("evidence of a run", () => {
  test("[E5] what the node exports verifies, offline and with its key alone", () => {
    const report = verifyEvidence(closed, { publicKey: SIGNER.publicKey });
    expect(report.checks.filter((check) => !check.passed)).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      wrong: [],
      run: { node: NODE, nodeExpected: true, planId: "run-a", closed: true, events: 5, payloadsRemoved: 0 },
    });
  });

  test("[E5] the file is canonical JSON, so the same run gives the same bytes", async () => {
    expect(bytesOf(documentOf(closed))).toEqual(closed);
    expect(await buildEvidence(requestFor(new SampleLog(sampleEvents(5)), "run-a"))).toEqual(closed);
  });

  test("[E6] a run that had not finished verifies, and the report says that it is open", () => {
    const report = verifyEvidence(open, { node: NODE });
    expect(report).toMatchObject({ ok: true, run: { closed: false } });
    expect(report.checks.find((check) => check.id === "closed")?.detail).toMatch(/had not finished/);
  });

  test("[E5] without an expected node the report says that nobody named one", () => {
    const report = verifyEvidence(closed);
    expect(report).toMatchObject({ ok: true, run: { nodeExpected: false } });
    expect(report.checks.find((check) => check.id === "node")?.detail).toMatch(/nobody said/);
  });

  test("[E5] evidence of another node is refused, whether named by did or by key", () => {
    const stranger = createSigner(new Uint8Array(32).fill(1));
    for (const options of [
      { publicKey: stranger.publicKey },
      { node: encodeDidKey(stranger.publicKey) },
      { publicKey: new Uint8Array(3) },
    ]) {
      expect(verifyEvidence(closed, options)).toMatchObject({ ok: false, wrong: ["node"] });
    }
  });

  test("[E5] a stranger who signs the file anew cannot pass for the node", () => {
    const stranger = createSigner(new Uint8Array(32).fill(1));
    const forged = resigned(documentOf(closed), stranger);
    expect(verifyEvidence(forged, { node: NODE }).ok).toBe(false);
    const renamed = resigned({ ...documentOf(closed), node: encodeDidKey(stranger.publicKey) }, stranger);
    expect(verifyEvidence(renamed, { node: NODE }).wrong).toContain("node");
    // Even taken at its own word: the log is not its log.
    expect(verifyEvidence(renamed).checks.find((check) => check.id === "head")?.passed).toBe(false);
  });

  test("[E7] any byte changed, deleted or inserted anywhere is noticed, and an item is named", () => {
    const edits = fc.oneof(
      fc.record({ kind: fc.constant("flip" as const), at: fc.nat(closed.length - 1), byte: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ kind: fc.constant("delete" as const), at: fc.nat(closed.length - 1), byte: fc.constant(0) }),
      fc.record({ kind: fc.constant("insert" as const), at: fc.nat(closed.length), byte: fc.nat(255) }),
    );
    fc.assert(
      fc.property(edits, ({ kind, at, byte }) => {
        const after = kind === "insert" ? at : at + 1;
        const middle = kind === "delete" ? [] : [kind === "flip" ? (closed[at] as number) ^ byte : byte];
        const edited = Uint8Array.from([...closed.subarray(0, at), ...middle, ...closed.subarray(after)]);
        const report = verifyEvidence(edited, { publicKey: SIGNER.publicKey });
        expect(report.ok).toBe(false);
        expect(report.wrong.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test("[E7] one flipped bit at every place of the file is noticed, and the item it is in is named", () => {
    const homes = homesOf(documentOf(closed));
    expect(homes.length).toBe(closed.length);
    for (let at = 0; at < closed.length; at++) {
      const edited = Uint8Array.from(closed);
      edited[at] = (edited[at] as number) ^ 1;
      const report = verifyEvidence(edited, { publicKey: SIGNER.publicKey });
      expect(report.ok, `byte ${at}`).toBe(false);
      const home = homes[at] as string;
      expect(
        home === "" ? report.wrong.length > 0 : report.wrong.some((item) => item.startsWith(home)),
        `byte ${at} of ${home}: ${report.wrong}`,
      ).toBe(true);
    }
  });

  test("[E7] the item that was changed is the one that is named", () => {
    const changes: [string, (document: Draft) => void][] = [
      ["created_at", (document) => (document.created_at = "2026-11-22T14:00:00.001Z")],
      ["closed", (document) => (document.closed = false)],
      ["plan_last_seq", (document) => (document.plan_last_seq = 6)],
      ["head", (document) => Object.assign(document.head, { size: document.head.size + 1 })],
      ["proof", (document) => (document.proof = document.proof.slice(1))],
      ["messages", (document) => (document.messages = [])],
      ["artifacts", (document) => Object.assign(document.artifacts[0] ?? {}, { name: "other.md" })],
      ["events/1", (document) => Object.assign(document.events[1] ?? {}, { payload: "{}" })],
      ["events/3", (document) => Object.assign(document.events[3]?.header ?? {}, { type: "task.failed" })],
      ["events/4", (document) => Object.assign(document.events[4]?.header ?? {}, { at: "2026-11-22T13:00:00.001Z" })],
      ["index/events/2", (document) => (document.index = { ...document.index, events: document.index.events.with(2, "A".repeat(16)) })],
      ["index/self", (document) => (document.index = { ...document.index, self: "A".repeat(16) })],
    ];
    for (const [item, change] of changes) {
      const document = documentOf(closed);
      change(document);
      const report = verifyEvidence(bytesOf(document), { node: NODE });
      expect(report.ok).toBe(false);
      expect(report.checks.find((check) => check.id === "signature")?.items, item).toEqual([item]);
      // Other checks may say it more closely, but of the same item.
      for (const named of report.wrong)
        expect(named.startsWith(item) || named.startsWith("closed") || named.startsWith("messages"), `${item}: ${named}`).toBe(true);
    }
  });

  test("[E7] a changed signature is named as such", () => {
    const document = documentOf(closed);
    const other = documentOf(open);
    document.signature = other.signature;
    expect(verifyEvidence(bytesOf(document)).wrong).toEqual(["signature"]);
  });

  test("[E7] a broken file is told with the item it is broken in", () => {
    const text = new TextDecoder().decode(closed);
    const at = (needle: string) => text.indexOf(needle);
    const broken: [string, string][] = [
      [text.slice(0, at('"plan_id":"run-a"') + 12), "events/0/header/plan_id"],
      [text.replace('"partition":3,"plan_id"', '"partition":03,"plan_id"'), "partition"],
      [text.replace('"closed":true', '"closed": true'), "closed"],
      [text.replace('"closed":true', '"closed":true,"closed":true'), "closed"],
      [text.replace('"closed"', '"clozed"'), "clozed"],
      [`${text}\n`, "file"],
      ["", "file"],
      ["[]", "file"],
    ];
    for (const [content, item] of broken) expect(verifyEvidence(new TextEncoder().encode(content)).wrong, item).toEqual([item]);
    const notUtf8 = Uint8Array.from(closed);
    notUtf8[at('"run-a"') + 2] = 0xff;
    expect(verifyEvidence(notUtf8).wrong[0]).toMatch(/plan_id|events\/0/);
  });

  test("[E8] an event left out is recognised, even when the file is signed anew by the node itself", () => {
    for (const place of [0, 2, 4]) {
      const document = documentOf(closed);
      document.events = document.events.toSpliced(place, 1);
      for (const bytes of [bytesOf(document), resigned(document)]) {
        const report = verifyEvidence(bytes, { node: NODE });
        expect(report.ok).toBe(false);
        expect(report.checks.find((check) => check.id === "sequence")?.passed).toBe(false);
      }
    }
  });

  test("[E8] a tail cut off is recognised by the last plan_seq in the signed wrapper", () => {
    const document = documentOf(closed);
    document.events = document.events.slice(0, 3);
    const report = verifyEvidence(bytesOf(document), { node: NODE });
    expect(report.wrong).toContain("plan_last_seq");
    // With everything the holder of the file can change made to fit, the signature still is not the node's.
    document.plan_last_seq = 3;
    document.closed = false;
    const { index: _index, ...content } = document;
    expect(verifyEvidence(bytesOf({ ...document, index: makeIndex(content) })).wrong).toContain("signature");
  });

  test("[E8] events of another run, or of another log, do not fit", () => {
    const mixed = documentOf(closed);
    mixed.events = mixed.events.with(1, documentOf(open).events[1] as EvidenceDocument["events"][number]);
    expect(verifyEvidence(resigned(mixed), { node: NODE }).ok).toBe(false);
    const moved = documentOf(closed);
    moved.partition = 4;
    expect(verifyEvidence(resigned(moved), { node: NODE }).checks.find((check) => check.id === "head")?.passed).toBe(false);
  });

  test("[E8] each check stands by itself, also against the node's own signature", () => {
    const lies: [EvidenceCheckId, string | undefined, (document: Draft) => void][] = [
      ["sequence", "events/1/header/plan_id", (draft) => Object.assign(draft.events[1]?.header ?? {}, { plan_id: "run-b" })],
      ["sequence", "events/1/header/partition", (draft) => Object.assign(draft.events[1]?.header ?? {}, { partition: 4 })],
      ["sequence", "events/2/position", (draft) => Object.assign(draft.events[2] ?? {}, { position: draft.events[1]?.position })],
      ["sequence", "plan_last_seq", (draft) => (draft.plan_last_seq = 6)],
      ["chain", "events/2/header", (draft) => Object.assign(draft.events[2]?.header ?? {}, { type: "task.failed" })],
      ["chain", "events/2/header", (draft) => Object.assign(draft.events[2]?.header ?? {}, { prev: hashText("x") })],
      ["chain", "events/0/header", (draft) => Object.assign(draft.events[0]?.header ?? {}, { prev: hashText("x") })],
      ["payloads", "events/3/payload", (draft) => Object.assign(draft.events[3] ?? {}, { payload: "{}" })],
      ["payloads", "events/3/payload", (draft) => Object.assign(draft.events[3] ?? {}, { salt: "A".repeat(22) })],
      ["inclusion", undefined, (draft) => (draft.proof = draft.proof.with(0, "A".repeat(43)))],
      ["inclusion", undefined, (draft) => (draft.proof = draft.proof.slice(1))],
      ["head", undefined, (draft) => (draft.head = { ...draft.head, signature: draft.signature })],
      ["closed", "closed", (draft) => (draft.closed = false)],
    ];
    for (const [id, item, lie] of lies) {
      const draft = documentOf(closed);
      lie(draft);
      const report = verifyEvidence(resigned(draft), { node: NODE });
      const check = report.checks.find((candidate) => candidate.id === id);
      expect(report.ok, id).toBe(false);
      expect(check?.passed, `${id} ${item}`).toBe(false);
      if (item !== undefined) expect(check?.items, id).toContain(item);
      expect(report.checks.find((candidate) => candidate.id === "signature")?.passed).toBe(true);
    }
  });

  test("[E9] a removed payload still verifies, and the report says how many were removed", async () => {
    const log = new SampleLog(sampleEvents(5));
    log.forget("run-a");
    const report = verifyEvidence(await buildEvidence(requestFor(log, "run-a")), { node: NODE });
    expect(report).toMatchObject({ ok: true, run: { payloadsRemoved: 5 } });
    expect(report.checks.find((check) => check.id === "payloads")?.detail).toMatch(/removed/);
  });

  test("[E9] a payload without its salt, or a salt without its payload, is refused", () => {
    for (const half of [{ payload: null }, { salt: null }]) {
      const document = documentOf(closed);
      Object.assign(document.events[0] ?? {}, half);
      expect(verifyEvidence(resigned(document), { node: NODE }).wrong).toEqual(["events/0/payload"]);
    }
  });

  test("[E10] messages and artifacts are those that the payloads name, and their bytes have their hash", () => {
    const document = documentOf(closed);
    expect(document.messages).toEqual([{ plan_seq: 2, hash: hashText(ENVELOPE), envelope: ENVELOPE }]);
    expect(document.artifacts.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["report.md", REPORT.length],
      [null, 70_000],
    ]);
    const lies: [string, (document: Draft) => void][] = [
      ["messages/0/envelope", (draft) => Object.assign(draft.messages[0] ?? {}, { envelope: "{}" })],
      ["messages/0/hash", (draft) => Object.assign(draft.messages[0] ?? {}, { hash: hashText("x"), envelope: null })],
      ["messages", (draft) => (draft.messages = [])],
      ["artifacts/0/content", (draft) => Object.assign(draft.artifacts[0] ?? {}, { content: "AAAA" })],
      ["artifacts/1", (draft) => Object.assign(draft.artifacts[1] ?? {}, { bytes: 1 })],
      ["artifacts/0/plan_seq", (draft) => Object.assign(draft.artifacts[0] ?? {}, { plan_seq: 99 })],
    ];
    for (const [item, lie] of lies) {
      const draft = documentOf(closed);
      lie(draft);
      expect(verifyEvidence(resigned(draft), { node: NODE }).wrong).toContain(item);
    }
  });

  test("[E10] bytes the caller has are compared with the hash", () => {
    const wrong = verifyEvidence(closed, { content: () => new Uint8Array(70_000) });
    expect(wrong.wrong).toContain("artifacts/1/content");
  });

  test("bytes of any kind never make the verifier throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          expect(verifyEvidence(bytes).ok).toBe(false);
        },
      ),
    );
  });

  test("there is no evidence of a run that the log does not hold", async () => {
    await expect(buildEvidence(requestFor(new SampleLog(sampleEvents(2)), "run-c"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(buildEvidence(requestFor(new SampleLog([]), "run-a"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("[E11] bytes of artifacts are put in as long as there is room, and listed by hash beyond it", async () => {
    const large = new Uint8Array(6 * 1024 * 1024);
    const artifact = { name: "large.bin", media_type: "application/octet-stream", bytes: large.length, hash: hashText(large) };
    const log = new SampleLog(
      [1, 2, 3, 4].map((n) => ({ planId: "run-a", type: "task.succeeded", payload: JSON.stringify({ n, artifacts: [artifact] }) })),
    );
    const bytes = await buildEvidence({ ...requestFor(log, "run-a"), content: async () => large });
    expect(documentOf(bytes).artifacts.map(({ content }) => content !== null)).toEqual([true, true, false, false]);
    expect(verifyEvidence(bytes, { node: NODE }).ok).toBe(true);
  });

  test("[E11] a run of 10,000 events is exported and verified, at less than 1.5 kB an event", async () => {
    const bytes = await buildEvidence(requestFor(new SampleLog(sampleEvents(10_000)), "run-a"));
    expect(bytes.length).toBeLessThan(15_000_000);
    expect(verifyEvidence(bytes, { node: NODE }).ok).toBe(true);
  });
});
