// KLP envelopes sealed and opened: one by one, and in frames with one proof, beside bare Ed25519.

import {
  canonicalJson,
  createIdentity,
  createReplayWindow,
  encodeEnvelope,
  generateSeed,
  type OpenContext,
  openEnvelope,
  openFrame,
  parseStrict,
  sealBatch,
  sealEnvelope,
  verifySignature,
} from "@kos/klp";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { ratePerSecond } from "../harness/rate.ts";

const NOW_MS = Date.parse("2026-11-22T10:11:12.345Z");
const FRAME_SIZE = 64;

const FIGURES: readonly FigureSpec[] = [
  { id: "ed25519", title: "floor: Ed25519 sign + verify, single", unit: "1/s", better: "higher" },
  { id: "single", title: "seal + open, one proof each", unit: "envelopes/s", better: "higher", beside: "ed25519" },
  {
    id: "frames",
    title: `seal + open, frames of ${FRAME_SIZE}`,
    unit: "envelopes/s",
    better: "higher",
    beside: "ed25519",
    target: { of: "ratio", must: 3, aim: 6 },
  },
  { id: "frames_of_8", title: "seal + open, frames of 8", unit: "envelopes/s", better: "higher", beside: "ed25519" },
  { id: "json", title: "floor: JSON.stringify + JSON.parse", unit: "1/s", better: "higher" },
  { id: "canonical", title: "canonicalJson + parseStrict", unit: "1/s", better: "higher", beside: "json" },
];

/** As a result of a task with about 200 bytes of output. */
const PAYLOAD = {
  attempt: 1,
  lease_token: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
  output: { files: 120, bytes: 34567, names: ["a.ts", "b.ts", "c.ts"], ratio: 0.25, text: "x".repeat(120) },
  run_ms: 3,
};

export const klp: Suite = {
  name: "klp",
  title: "KLP: envelopes sealed and opened, one thread",
  figures: FIGURES,
  open({ quick }) {
    const leastMs = quick ? 100 : 500;
    const identity = createIdentity("kCore:main" as Parameters<typeof createIdentity>[0], generateSeed());
    const draft = { type: "TASK_RESULT", to: "kExecutor:web", payload: PAYLOAD } as const;
    const bytes = new TextEncoder().encode(canonicalJson(PAYLOAD));
    const context = (): OpenContext => ({
      now: NOW_MS,
      self: ["kExecutor:web"],
      lookupKey: (key) => (key === identity.did ? { status: "active", id: "kCore:main" } : { status: "unknown" }),
      replay: createReplayWindow({ now: () => NOW_MS }),
    });
    const frames = (size: number) => {
      const drafts = Array.from({ length: size }, () => draft);
      return () => openFrame(sealBatch(drafts, identity, { now: NOW_MS }).frame, context());
    };
    const works: Readonly<Record<string, readonly [operations: number, work: () => unknown]>> = {
      ed25519: [1, () => verifySignature(identity.publicKey, bytes, identity.sign(bytes))],
      single: [1, () => openEnvelope(encodeEnvelope(sealEnvelope(draft, identity, { now: NOW_MS })), context())],
      frames: [FRAME_SIZE, frames(FRAME_SIZE)],
      frames_of_8: [8, frames(8)],
      json: [1, () => JSON.parse(JSON.stringify(PAYLOAD))],
      canonical: [1, () => parseStrict(new TextEncoder().encode(canonicalJson(PAYLOAD)))],
    };
    const contenders: readonly Contender[] = Object.entries(works).map(([id, [operations, work]]) => ({
      name: id,
      measure: async () => ({ [id]: ratePerSecond(work, operations, leastMs) }),
    }));
    return Promise.resolve({ contenders, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
};
