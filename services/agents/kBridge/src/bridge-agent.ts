// The agent `kBridge:http`: the one place where the egress configuration, the network and the capability meet.

import { type Agent, defineAgent } from "@kos/agent";
import { createGuardedFetch, type EgressConfig, type Network } from "@kos/egress";
import { createHttpRequest } from "./http-request.ts";

interface BridgeAgentOptions {
  readonly config: EgressConfig;
  readonly network: Network;
}

export function createBridgeAgent({ config, network }: BridgeAgentOptions): Agent {
  return defineAgent({
    class: "kBridge",
    name: "http",
    version: "0.1.0",
    description: "Talks to the outside over HTTP, under the owner's egress rules.",
    capabilities: [createHttpRequest(config, createGuardedFetch(config, network))],
  });
}
