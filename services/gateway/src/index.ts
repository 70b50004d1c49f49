export type { ContentDoor } from "./content-door.ts";
export { openContentDoor } from "./content-door.ts";
export type { FrameSource, FrameSubscription } from "./frame-source.ts";
export type { Gateway } from "./gateway.ts";
export { startGateway } from "./gateway.ts";
export type { Caller, HandlerRequest, Handlers } from "./handler.ts";
export type { TokenVerifier } from "./token-verifier.ts";
export { createTokenVerifier } from "./token-verifier.ts";
