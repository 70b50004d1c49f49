// Salts from the system's generator, drawn in batches: one call for many events.

import { randomFillSync } from "node:crypto";
import { SALT_BYTES } from "@kos/evidence";

const SALTS_PER_BATCH = 256;

export class SaltPool {
  #batch = Buffer.alloc(0);
  #offset = 0;

  /** Sixteen fresh bytes, never handed out twice. */
  next(): Uint8Array {
    if (this.#offset >= this.#batch.length) {
      this.#batch = randomFillSync(Buffer.allocUnsafeSlow(SALTS_PER_BATCH * SALT_BYTES));
      this.#offset = 0;
    }
    this.#offset += SALT_BYTES;
    return this.#batch.subarray(this.#offset - SALT_BYTES, this.#offset);
  }
}
