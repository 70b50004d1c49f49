// The signed manifests of the node's agents: each is made when it is first asked for, then kept as long as the node runs.

import type { Agent } from "@kos/agent";
import type { Manifest } from "@kos/klp";
import type { Identities } from "../identities.ts";

/** Undefined: no agent of this node. */
export type Manifests = (agentId: string) => Manifest | undefined;

export function createManifests(agents: readonly Agent[], identities: Pick<Identities, "manifest">): Manifests {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const signed = new Map<string, Manifest>();
  return (agentId) => {
    const agent = byId.get(agentId);
    const manifest = signed.get(agentId) ?? (agent && identities.manifest(agent));
    if (manifest) signed.set(agentId, manifest);
    return manifest;
  };
}
