export type { FrameSource, FrameSubscription } from "./frame-source.ts";
export type { Gateway } from "./gateway.ts";
export type { GatewayOptions } from "./gateway-options.ts";
export { startGateway } from "./gateway.ts";
export type { ByteAnswer, Caller, HandlerRequest, Handlers } from "./handler.ts";
export type { TokenVerifier, TokenVerifierOptions } from "./token-verifier.ts";
export { createTokenVerifier } from "./token-verifier.ts";
