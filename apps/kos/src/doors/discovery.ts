// The discovery document: who this node is and what it offers, for peers and clients that have no token yet.

import type { Registry } from "@kos/kcore";
import type { Identity } from "@kos/klp";

export function discoveryDocument(options: {
  readonly node: Identity;
  readonly registry: Registry;
  readonly url: string;
  readonly version: string;
}): Readonly<Record<string, unknown>> {
  const { node, registry, url } = options;
  return {
    protocol: "klp/1.0",
    did: node.did,
    software: { name: "kos", version: options.version },
    endpoints: { rest: url, websocket: `${url.replace(/^http/, "ws")}/ws`, openapi: `${url}/openapi.json` },
    agents: registry
      .list()
      .map(({ id, class: agentClass, version, key, capabilities }) => ({ id, class: agentClass, version, public_key: key, capabilities })),
  };
}
