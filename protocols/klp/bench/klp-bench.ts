/** Rates of this package beside their floors in the same run: `node protocols/klp/bench/klp-bench.ts [seconds per figure]`. Prints JSON lines. */

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
  sha256,
  sha256Hex,
  verifySignature,
} from "../src/index.ts";

const secondsPerFigure = Number(process.argv[2] ?? 1);
const rounds = 5;

const event = {
  v: 1,
  type: "task.succeeded",
  tenant: "local",
  partition: 0,
  plan_id: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
  plan_seq: 12,
  prev: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  at: "2026-11-22T10:11:12.345Z",
  payload_commitment: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  data: {
    status: "succeeded",
    attempt: 1,
    output: { files: 120, bytes: 34567, names: ["a.ts", "b.ts", "c.ts"], ratio: 0.25 },
    labels: [],
    source: "kExecutor:web",
  },
};
const sortedEvent: unknown = JSON.parse(canonicalJson(event));
const canonicalBytes = new TextEncoder().encode(canonicalJson(event));
const looseBytes = new TextEncoder().encode(JSON.stringify(event, null, 1));

const nowMs = Date.parse("2026-11-22T10:11:12.345Z");
const identity = createIdentity("kCore:main" as Parameters<typeof createIdentity>[0], generateSeed());
const message = canonicalBytes;
const signature = identity.sign(message);
const draft = { type: "TASK_RESULT", to: "kExecutor:web", payload: event } as const;
const drafts = Array.from({ length: 64 }, () => draft);
const context = (): OpenContext => ({
  now: nowMs,
  self: ["kExecutor:web"],
  lookupKey: (key) => (key === identity.did ? { status: "active", id: "kCore:main" } : { status: "unknown" }),
  replay: createReplayWindow({ now: () => nowMs }),
});

const figures: readonly [name: string, operations: number, run: () => unknown][] = [
  ["floor: JSON.stringify + SHA-256", 1, () => sha256Hex(JSON.stringify(event))],
  ["canonicalJson, keys out of order", 1, () => canonicalJson(event)],
  ["canonicalJson, keys in order", 1, () => canonicalJson(sortedEvent)],
  ["canonicalJson + SHA-256", 1, () => sha256Hex(canonicalJson(event))],
  ["sha256 of 500 bytes", 1, () => sha256(canonicalBytes)],
  ["floor: JSON.parse", 1, () => JSON.parse(new TextDecoder().decode(canonicalBytes))],
  ["parseStrict, canonical text", 1, () => parseStrict(canonicalBytes)],
  ["parseStrict, other text", 1, () => parseStrict(looseBytes)],
  ["floor: Ed25519 sign + verify", 1, () => verifySignature(identity.publicKey, message, identity.sign(message))],
  ["floor: Ed25519 verify", 1, () => verifySignature(identity.publicKey, message, signature)],
  ["seal + open, single", 1, () => openEnvelope(encodeEnvelope(sealEnvelope(draft, identity, { now: nowMs })), context())],
  ["seal + open, frames of 64", 64, () => openFrame(sealBatch(drafts, identity, { now: nowMs }).frame, context())],
  ["seal, frames of 64", 64, () => sealBatch(drafts, identity, { now: nowMs }).frame],
];

const rates = figures.map(() => [] as number[]);
for (let round = 0; round <= rounds; round++) {
  figures.forEach(([, operations, run], figure) => {
    const start = performance.now();
    const until = start + (secondsPerFigure * 1000) / rounds;
    let count = 0;
    do {
      for (let repeat = 0; repeat < 10; repeat++) run();
      count += 10 * operations;
    } while (performance.now() < until);
    if (round > 0) rates[figure]?.push((count / (performance.now() - start)) * 1000);
  });
}
figures.forEach(([name], figure) => {
  const sorted = (rates[figure] ?? []).toSorted((left, right) => left - right);
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((rate) => Math.round(rate ?? 0));
  process.stdout.write(
    `${JSON.stringify({ name, per_second: median, min, max, runs: sorted.length, microseconds: Number((1e6 / (median ?? 1)).toFixed(2)) })}\n`,
  );
});
