// What the console takes from the browser to speak to its node: always the one it came from, whatever an address may say.

import type { FrameStreamOptions } from "@kos/api";

export interface Machine extends Pick<FrameStreamOptions, "createSocket" | "pause"> {
  readonly baseUrl: string;
  readonly socketUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** A fresh Idempotency-Key. */
  newKey(): string;
}

export function browserMachine(origin: string): Machine {
  return {
    baseUrl: origin,
    socketUrl: `${origin.replace(/^http/, "ws")}/ws`,
    fetch: (input, init) => fetch(input, init),
    newKey: () => crypto.randomUUID(),
    createSocket: (url, protocol) => new WebSocket(url, protocol),
    pause(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
      return promise;
    },
  };
}
