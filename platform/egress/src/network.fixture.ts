// A Network for tests: names and routes from tables, every dial recorded, timers fired by hand.

import type { Endpoint, Network } from "./network.ts";
import { systemNetwork } from "./system-network.ts";

export interface FakeNetworkOptions {
  /** What a name resolves to. A list of lists gives one answer after the other and stays with the last. */
  readonly names?: Readonly<Record<string, readonly string[] | readonly (readonly string[])[]>>;
  /** Loopback ports that stand in for `host:port`; `*` for all others. Without a route the connection is real. */
  readonly routes?: Readonly<Record<string, number>>;
  readonly certificate?: string;
  readonly localAddresses?: readonly string[];
}

export interface FakeNetwork extends Network {
  readonly lookups: string[];
  readonly dials: Endpoint[];
  /** Delays of the timers that are set now, in the order they were set. */
  armedTimers(): readonly number[];
  /** Waits until a timer with this delay is set and fires it. */
  fireTimer(delayMs: number): Promise<void>;
}

/** A public address that no test ever reaches. */
export const PUBLIC_ADDRESS = "93.184.215.14";

export function fakeNetwork(options: FakeNetworkOptions = {}): FakeNetwork {
  const system = systemNetwork(options.certificate === undefined ? {} : { extraCertificates: [options.certificate] });
  const lookups: string[] = [];
  const dials: Endpoint[] = [];
  const timers = new Set<{ readonly delayMs: number; readonly callback: () => void }>();
  const waiting: { readonly delayMs: number; readonly found: () => void }[] = [];
  return {
    lookups,
    dials,
    async resolve(host) {
      const earlier = lookups.filter((name) => name === host).length;
      lookups.push(host);
      const answers = options.names?.[host];
      if (answers === undefined) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
      const nth = answers[Math.min(earlier, answers.length - 1)];
      return Array.isArray(nth) ? nth : (answers as readonly string[]);
    },
    connect(endpoint, signal) {
      dials.push(endpoint);
      const port = options.routes?.[`${endpoint.host}:${endpoint.port}`] ?? options.routes?.["*"];
      return system.connect(port === undefined ? endpoint : { ...endpoint, port, addresses: ["127.0.0.1"] }, signal);
    },
    localAddresses: () => options.localAddresses ?? [],
    after(delayMs, callback) {
      const timer = { delayMs, callback };
      timers.add(timer);
      for (const waiter of waiting.filter((item) => item.delayMs === delayMs)) waiter.found();
      return () => timers.delete(timer);
    },
    armedTimers: () => [...timers].map((timer) => timer.delayMs),
    async fireTimer(delayMs) {
      let timer = [...timers].find((item) => item.delayMs === delayMs);
      while (timer === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.push({ delayMs, found: resolve });
        await promise;
        timer = [...timers].find((item) => item.delayMs === delayMs);
      }
      timers.delete(timer);
      timer.callback();
    },
  };
}
