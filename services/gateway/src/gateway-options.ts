// What the composition root gives the gateway. A leaf: the parts of the gateway import it, it imports none of them.

import type { DoorLimits } from "./door-limits.ts";
import type { FrameSource } from "./frame-source.ts";
import type { Handlers } from "./handler.ts";
import type { TokenVerifier } from "./token-verifier.ts";

export interface GatewayOptions {
  readonly handlers: Handlers;
  readonly frames: FrameSource;
  readonly tokens: TokenVerifier;
  /** `localhost` listens on 127.0.0.1 and, where the machine has it, ::1. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What must be there before `host` may be an address that other machines reach. Undefined: loopback only. */
  readonly remote?: RemoteAccess;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly limits: { readonly bodyBytes: number; readonly planBytes: number; readonly uploadBytes: number };
  /** The web console; without it `/` shows the plain page. */
  readonly console?: ConsoleOptions;
  /** Changes to the door's own limits; the defaults are in door-limits.ts. */
  readonly doorLimits?: Partial<DoorLimits>;
  readonly now: () => number;
  /** Runs once after so many milliseconds; returns the way to call it off. Default: the system's timer. */
  readonly after?: (ms: number, run: () => void) => () => void;
  /** 32 hex digits, for requests that bring no trace of their own. */
  readonly newTraceId: () => string;
  /** True while the node has more to do than it can: new work is answered 503 with Retry-After; health, metrics and reads of no data go on. */
  readonly isOverloaded?: () => boolean;
  /** Told of every answer. `route` is the path of the contract, never the one that was sent. */
  readonly observe?: (sample: { readonly route: string; readonly status: number; readonly ms: number }) => void;
  /** Told of what the gateway could not show to the client. */
  readonly onInternalError?: (error: unknown, traceId: string) => void;
}

export interface ConsoleOptions {
  /** Holds `index.html` and `assets/` once the console is built; looked at on every opening. */
  readonly folder: string;
  /** The one other origin that the console may frame. */
  readonly contentOrigin: string;
}

export interface RemoteAccess {
  /** PEM texts of the certificate chain and of its key. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** A reverse proxy in front ends TLS. */
  readonly behindProxy?: boolean;
}
