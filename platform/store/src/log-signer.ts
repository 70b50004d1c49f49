// Who signs a log: the node's did and its key. The key is used here and nowhere else in the store.

import { createSigner, decodeDidKey, KosError } from "@kos/klp";

/** The node's identity as the composition root hands it over; it crosses to the writer thread as it is. */
export interface LogSignerSeed {
  /** `did:key` of the node. */
  readonly did: string;
  /** Ed25519 seed, 32 bytes. The caller keeps ownership; it is copied. */
  readonly privateKeySeed: Uint8Array;
}

export interface LogSigner {
  readonly did: string;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** @throws KosError IDENTITY_MISMATCH when the key is not the one that the did names. */
export function openLogSigner(seed: LogSignerSeed): LogSigner {
  const signer = createSigner(seed.privateKeySeed);
  const named = decodeDidKey(seed.did);
  if (named === undefined || named.some((byte, index) => byte !== signer.publicKey[index])) {
    throw new KosError("IDENTITY_MISMATCH", "The key that should sign the log is not the key of the node's did.");
  }
  return { did: seed.did, publicKey: signer.publicKey, sign: signer.sign };
}
