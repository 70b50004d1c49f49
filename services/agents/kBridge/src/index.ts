export { type BridgeAgentOptions, createBridgeAgent } from "./bridge-agent.ts";
export { type EgressConfig, type EgressInput, EgressSchema, resolveEgressConfig } from "./egress-config.ts";
export { createGuardedFetch, type FetchRequest, type FetchResponse, type GuardedFetch, type RedirectHop } from "./guarded-fetch.ts";
export type { HttpRequestInput, HttpRequestOutput } from "./http-request-schema.ts";
export type { Endpoint, Network } from "./network.ts";
export { type SystemNetworkOptions, systemNetwork } from "./system-network.ts";
