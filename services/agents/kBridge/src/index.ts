export { createBridgeAgent } from "./bridge-agent.ts";
export { resolveEgressConfig } from "./egress-config.ts";
export { systemNetwork } from "./system-network.ts";
