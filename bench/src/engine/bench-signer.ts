// The identity under which the bench signs its logs. Nothing it signs is worth anything.

import { createSigner, encodeDidKey } from "@kos/klp";

const SEED = new Uint8Array(32).fill(7);

export const benchSigner = { did: encodeDidKey(createSigner(SEED).publicKey), privateKeySeed: SEED };
