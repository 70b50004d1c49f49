import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, context, core, draft, NOW_MS, verdict } from "./envelope.fixture.ts";
import { openEnvelope } from "./open.ts";
import { sealEnvelope } from "./seal.ts";

const seal = () => sealEnvelope(draft, core, { now: NOW_MS });

test.each([
  ["an id with a blank", { id: "a b" }],
  ["an id that is too long", { id: "a".repeat(161) }],
  ["no id", { id: undefined }],
  ["a type in lower case", { type: "ping" }],
  ["a from that is a role", { from: "role:kCore" }],
  ["a to that is nothing known", { to: "everyone" }],
  ["a to with an empty topic", { to: "topic:" }],
  ["a trace of zeros", { trace: `00-${"0".repeat(32)}-00f067aa0ba902b7-01` }],
  ["a time in another zone", { timestamp: "2026-11-22T11:00:00+01:00" }],
  ["a day that does not exist", { timestamp: "2026-02-30T10:00:00Z" }],
  ["a time as a number", { timestamp: NOW_MS }],
  ["a ttl_s of zero", { ttl_s: 0 }],
  ["a ttl_s beyond 300", { ttl_s: 301 }],
  ["a ttl_s that is no whole number", { ttl_s: 1.5 }],
  ["a ttl_s in text", { ttl_s: "60" }],
  ["an empty nonce", { nonce: "" }],
  ["a nonce that is too long", { nonce: "a".repeat(129) }],
  ["no payload", { payload: undefined }],
  ["a protocol that is no version", { protocol: "klp" }],
  ["a key that is no did", { auth: { key: "z6Mk", proof: {} } }],
  ["a proof that is a list", { auth: { key: core.did, proof: [] } }],
  [
    "a batch proof with an index beyond its size",
    { auth: { key: core.did, proof: { kind: "ed25519-batch", root_signature: "", size: 1, index: 1, path: [] } } },
  ],
  [
    "a batch proof with an endless path",
    { auth: { key: core.did, proof: { kind: "ed25519-batch", root_signature: "", size: 1, index: 0, path: new Array(54).fill("") } } },
  ],
])("[K17] %s is refused", (_, changes) => {
  const value = Object.fromEntries(Object.entries({ ...seal(), ...changes }).filter(([, item]) => item !== undefined));
  expect(verdict(() => openEnvelope(bytesOf(value), context()))).toBe("BAD_ENVELOPE");
});

test("values that are no envelope at all are refused, parsed or not", () => {
  for (const value of [null, 1, "text", [], [seal()], {}, new Date(0), undefined, () => 1]) {
    expect(verdict(() => openEnvelope(value, context()))).toBe("BAD_ENVELOPE");
  }
});

test("random JSON is refused with a code, never with another error", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(verdict(() => openEnvelope(bytesOf(value), context()))).toMatch(/^[A-Z_]+$/);
    }),
  );
});
