import { describe, expect, test } from "vitest";
import { context, core, draft, NOW_MS, verdict } from "./envelope.fixture.ts";
import { encodeEnvelope, replayMark } from "./envelope.ts";
import { isUuidV7 } from "./ids.ts";
import { openEnvelope } from "./open.ts";
import { openFrame } from "./open-frame.ts";
import { type EnvelopeDraft, sealBatch, sealEnvelope } from "./seal.ts";

test("sealing fills in what the draft leaves out", () => {
  const envelope = sealEnvelope({ type: "PING", to: "kExecutor:web", payload: {} }, core, { now: NOW_MS });
  expect(envelope).toMatchObject({
    protocol: "klp/1.0",
    from: "kCore:main",
    timestamp: "2026-11-22T10:00:00.000Z",
    ttl_s: 60,
    auth: { key: core.did },
  });
  expect(isUuidV7(envelope.id)).toBe(true);
  expect(envelope.nonce).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test("with id, time and nonce given, the bytes are the same every time", () => {
  const make = () => encodeEnvelope(sealEnvelope({ ...draft, id: "m-1" }, core, { now: NOW_MS, nonce: "n-1" }));
  expect(make()).toEqual(make());
});

test("no two messages have the same id or nonce", () => {
  const batch = sealBatch(new Array<EnvelopeDraft>(500).fill(draft), core, { now: NOW_MS }).envelopes;
  const single = Array.from({ length: 500 }, () => sealEnvelope(draft, core, { now: NOW_MS }));
  const all = [...batch, ...single];
  expect(new Set(all.map(({ id }) => id)).size).toBe(1000);
  expect(new Set(all.map(({ nonce }) => nonce)).size).toBe(1000);
});

test("an identity without a did signs under the did of its public key", () => {
  const { did: _, ...bare } = core;
  expect(sealEnvelope(draft, bare, { now: NOW_MS }).auth.key).toBe(core.did);
});

test("a mark is remembered for two windows after the timestamp", () => {
  const envelope = sealEnvelope(draft, core, { now: NOW_MS, nonce: "n-1" });
  expect(replayMark(envelope)).toEqual({ from: "kCore:main", nonce: "n-1", forgetAtMs: NOW_MS + 600_000 });
});

describe("[K25] what cannot be opened cannot be sealed", () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  test.each<readonly [string, Partial<Record<keyof EnvelopeDraft, unknown>>]>([
    ["an undefined member", { payload: { a: undefined } }],
    ["no payload", { payload: undefined }],
    ["NaN", { payload: [Number.NaN] }],
    ["a Date", { payload: { at: new Date(0) } }],
    ["an integer beyond 2^53", { payload: { n: 2 ** 53 } }],
    ["a large integer among digits", { payload: [1.5, -(2 ** 60), 3] }],
    ["more levels than a reader takes", { payload: deep(64) }],
    ["a ttl_s beyond 300", { ttl_s: 301 }],
    ["a recipient that is none", { to: "everyone" }],
    ["a trace that is none", { trace: "00" }],
  ])("%s is refused", (_, changes) => {
    expect(verdict(() => sealEnvelope({ ...draft, ...changes } as EnvelopeDraft, core, { now: NOW_MS }))).toBe("BAD_REQUEST");
    expect(verdict(() => sealBatch([draft, { ...draft, ...changes } as EnvelopeDraft], core, { now: NOW_MS }))).toBe("BAD_REQUEST");
  });

  test.each([
    ["numbers at the edge", [2 ** 53 - 1, 1e21, 1e300, 0.1234567890123456]],
    ["long digits in text", ["12345678901234567890", { "12345678901234567890": 1 }]],
    ["as many levels as a reader takes", deep(63)],
    ["a member named __proto__", JSON.parse('{"b":1,"__proto__":{"x":1}}')],
  ])("%s can be sealed and opened", (_, payload) => {
    const bytes = encodeEnvelope(sealEnvelope({ ...draft, payload }, core, { now: NOW_MS }));
    expect(verdict(() => openEnvelope(bytes, context()))).toBe("accepted");
    expect(openFrame(sealBatch([{ ...draft, payload }], core, { now: NOW_MS }).frame, context()).map(({ ok }) => ok)).toEqual([true]);
  });
});

describe("batches", () => {
  test("a batch of none is refused, and so is one nonce for several", () => {
    expect(verdict(() => sealBatch([], core, { now: NOW_MS }))).toBe("BAD_REQUEST");
    expect(verdict(() => sealBatch([draft, draft], core, { now: NOW_MS, nonce: "n" }))).toBe("BAD_REQUEST");
  });

  test("a batch beyond the largest frame is refused", () => {
    const large = { ...draft, payload: "x".repeat(1_000_000) };
    expect(verdict(() => sealBatch(new Array<EnvelopeDraft>(9).fill(large), core, { now: NOW_MS }))).toBe("TOO_LARGE");
  });

  test("one signature is made for all", () => {
    let signatures = 0;
    const counting = {
      ...core,
      sign: (bytes: Uint8Array) => {
        signatures++;
        return core.sign(bytes);
      },
    };
    const batch = sealBatch(new Array<EnvelopeDraft>(64).fill(draft), counting, { now: NOW_MS });
    expect(batch.envelopes).toHaveLength(64);
    expect(signatures).toBe(1);
  });
});
