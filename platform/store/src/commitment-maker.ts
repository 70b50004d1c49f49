// payloadCommitment for the writer: the same value at half the cost, because it is made for every event.

import { hash } from "node:crypto";
import { SALT_BYTES } from "@kos/evidence";

/** Block size of SHA-256, to which HMAC (RFC 2104) pads its key. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** UTF-8 needs at most three bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/** HMAC as two one-shot hashes over buffers that are kept; making an Hmac object takes longer than hashing. */
export class CommitmentMaker {
  #inner = paddedBlock(INNER_PAD, 16_384);
  readonly #outer = paddedBlock(OUTER_PAD, HASH_BYTES);

  /** `hmac-sha256:<hex>`, exactly as `payloadCommitment`. */
  commitmentOf(salt: Uint8Array, payload: string): string {
    if (salt.length !== SALT_BYTES) throw new RangeError(`A salt has ${SALT_BYTES} bytes, not ${salt.length}.`);
    const needed = payload.length * MAX_BYTES_PER_UNIT;
    if (this.#inner.length < BLOCK_BYTES + needed) this.#inner = paddedBlock(INNER_PAD, needed);
    for (let index = 0; index < SALT_BYTES; index++) {
      const byte = salt[index] as number;
      this.#inner[index] = byte ^ INNER_PAD;
      this.#outer[index] = byte ^ OUTER_PAD;
    }
    const length = this.#inner.write(payload, BLOCK_BYTES, "utf8");
    this.#outer.write(hash("sha256", this.#inner.subarray(0, BLOCK_BYTES + length), "latin1"), BLOCK_BYTES, "latin1");
    return `hmac-sha256:${hash("sha256", this.#outer, "hex")}`;
  }
}

function paddedBlock(pad: number, room: number): Buffer {
  return Buffer.alloc(BLOCK_BYTES + room).fill(pad, 0, BLOCK_BYTES);
}
