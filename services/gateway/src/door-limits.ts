// The numbers that bound what one caller, one connection and all of them together may take. Times in milliseconds.

export interface DoorLimits {
  /** Until a connection must have sent its headers; then 408. */
  readonly headersTimeoutMs: number;
  /** Until a request must have arrived in full; then 408. */
  readonly requestTimeoutMs: number;
  /** Between two looks at the two above. */
  readonly checkEveryMs: number;
  /** An idle connection is kept so long for a further request. */
  readonly keepAliveMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** Requests being answered at once; one more gets 503. */
  readonly maxInFlight: number;
  /** Token bucket of a signed-in caller. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** Token bucket of an address: routes that need no token, and failed attempts to sign in. */
  readonly openRequestsPerSecond: number;
  readonly openRequestBurst: number;
  readonly failuresPerSecond: number;
  readonly failureBurst: number;
  /** What is under way at the end gets so long. */
  readonly drainMs: number;
  /** `/ws`: until AUTH must have come. */
  readonly authWithinMs: number;
  readonly pingEveryMs: number;
  /** `/ws`: how often the token of an open socket is looked at again [R22]. */
  readonly recheckEveryMs: number;
  readonly maxFrameBytes: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly maxSockets: number;
  readonly maxSocketsPerCaller: number;
  /** `/ws`: with so much waiting for a client it gets no transient frames. */
  readonly slowBytes: number;
  /** `/ws`: with so much waiting the client is closed, to resume from its cursor. */
  readonly tooSlowBytes: number;
}

export const DOOR_LIMITS: DoorLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  checkEveryMs: 1000,
  keepAliveMs: 30_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 10_000,
  maxInFlight: 1000,
  requestsPerSecond: 1000,
  requestBurst: 5000,
  openRequestsPerSecond: 100,
  openRequestBurst: 500,
  failuresPerSecond: 1,
  failureBurst: 30,
  drainMs: 10_000,
  authWithinMs: 5000,
  pingEveryMs: 30_000,
  recheckEveryMs: 1000,
  maxFrameBytes: 64 * 1024,
  messagesPerSecond: 10,
  messageBurst: 100,
  maxSockets: 2000,
  maxSocketsPerCaller: 200,
  slowBytes: 1024 * 1024,
  tooSlowBytes: 16 * 1024 * 1024,
};
