// The node's identity and its agents': keys, and the signed manifests that vouch for what each agent says of itself.

import { type Agent, draftManifest } from "@kos/agent";
import { type AgentId, createIdentity, createNodeIdentity, type Identity, type Manifest, signManifest } from "@kos/klp";
import type { KeyStore } from "./data/key-store.ts";

export interface Identities {
  readonly node: Identity;
  /** `kCore:main`: who speaks to the agents. */
  readonly engine: Identity;
  /** The seed of the node's key, for the log's signer. */
  readonly nodeSeed: Uint8Array;
  /** Seed of the HMAC behind idempotency keys. */
  readonly tenantKey: Uint8Array;
  /** Key of the HMAC that signs links to artifacts. */
  readonly shareKey: Uint8Array;
  agent(id: string): Identity;
  manifest(agent: Agent): Manifest;
}

const ENGINE_ID = "kCore:main";
const MANIFEST_DAYS = 365;
const DAY_MS = 86_400_000;

export function loadIdentities(keys: KeyStore, now: () => number): Identities {
  const nodeSeed = keys.seed("node");
  const node = createNodeIdentity(nodeSeed);
  const agent = (id: string): Identity => createIdentity(id as AgentId, keys.seed(id));
  return {
    node,
    engine: agent(ENGINE_ID),
    nodeSeed,
    tenantKey: keys.seed("tenant"),
    shareKey: keys.seed("share"),
    agent,
    manifest(of) {
      const issuedAtMs = now();
      const terms = {
        id: of.id as AgentId,
        publicKey: agent(of.id).publicKey,
        issuedAtMs,
        expiresAtMs: issuedAtMs + MANIFEST_DAYS * DAY_MS,
      };
      return signManifest(draftManifest(of), terms, node);
    },
  };
}
