// Floors: what hashing and signing cost on this processor.

import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import type { Contender, FigureSpec, Suite } from "../harness/figure.ts";
import { ratePerSecond } from "../harness/rate.ts";

const FIGURES: readonly FigureSpec[] = [
  { id: "sign", title: "Ed25519, node:crypto, signatures", unit: "1/s", better: "higher" },
  { id: "verify", title: "Ed25519, node:crypto, verifications", unit: "1/s", better: "higher" },
  { id: "json_hash", title: "JSON + SHA-256 of 500 bytes", unit: "1/s", better: "higher" },
];

export const processor: Suite = {
  name: "floor-processor",
  title: "Floors: hashing and signing, one thread",
  figures: FIGURES,
  open({ quick }) {
    const leastMs = quick ? 100 : 400;
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const value = {
      id: "019a2b3c-4d5e-7f00-8a1b-2c3d4e5f6071",
      at: "2026-11-22T10:11:12.345Z",
      text: "x".repeat(400),
      n: 12,
      list: [1, 2, 3],
    };
    const message = Buffer.from(JSON.stringify(value));
    const signature = sign(null, message, privateKey);
    const contenders: readonly Contender[] = [
      { name: "sign", measure: async () => ({ sign: ratePerSecond(() => sign(null, message, privateKey), 1, leastMs) }) },
      { name: "verify", measure: async () => ({ verify: ratePerSecond(() => verify(null, message, publicKey, signature), 1, leastMs) }) },
      {
        name: "json + sha-256",
        measure: async () => ({
          json_hash: ratePerSecond(() => createHash("sha256").update(JSON.stringify(value)).digest("hex"), 1, leastMs),
        }),
      },
    ];
    return Promise.resolve({ contenders, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
};
