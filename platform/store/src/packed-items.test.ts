import fc from "fast-check";
import { expect, test } from "vitest";
import { packItems, unpackItems } from "./packed-items.ts";
import type { WriteItem } from "./write-item.ts";

const anyValue = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.uint8Array());
const anyColumns = fc.dictionary(
  fc.string({ minLength: 1 }).filter((name) => name !== "__proto__"),
  anyValue,
);
const anyEvent = fc.record({
  type: fc.string(),
  tenant: fc.string(),
  plan_id: fc.string(),
  plan_seq: fc.nat(),
  at: fc.string(),
  payload: fc.string(),
});
const anyChange = fc.oneof(
  fc.record({ op: fc.constant("put" as const), table: fc.string(), row: anyColumns }),
  fc.record({ op: fc.constant("delete" as const), table: fc.string(), key: anyColumns }),
);
const anyItem: fc.Arbitrary<WriteItem> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    commit: fc.record({
      partition: fc.nat(),
      epoch: fc.nat(),
      expected_version: fc.nat(),
      events: fc.array(anyEvent),
      rows: fc.array(anyChange),
    }),
  }),
  fc.record({ kind: fc.constant("claim" as const), partition: fc.nat() }),
  fc.record({ kind: fc.constant("write" as const), statements: fc.array(fc.record({ sql: fc.string(), parameters: fc.array(anyValue) })) }),
);

test("[L1] what reaches the writer thread is what was sent", () => {
  fc.assert(
    fc.property(fc.array(anyItem), (items) => {
      expect(JSON.stringify(unpackItems(structuredClone(packItems(items))))).toBe(JSON.stringify(items));
    }),
  );
});
