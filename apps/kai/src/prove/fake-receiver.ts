// The outside world of a crash proof: two loopback HTTP servers that write down every request. One honours Idempotency-Key, one does not.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SeededRandom } from "./seeded-random.ts";

/** What arrived for one effect, `/<plan label>/<task>`. */
interface Received {
  /** How often each Idempotency-Key arrived, in the order of first arrival. */
  readonly byKey: ReadonlyMap<string, number>;
}

export interface FakeReceiver extends AsyncDisposable {
  /** `127.0.0.1:PORT` of the server that honours keys, and of the one that does not. */
  readonly keyed: string;
  readonly plain: string;
  /** Everything that arrived, by effect. */
  readonly effects: ReadonlyMap<string, Received>;
  readonly requests: number;
  /** Calls the listener at the next request to that server, before it is answered. Returns the way to take it back. */
  onNextRequest(kind: EffectKind, listener: () => void): () => void;
}

/** `keyed`: the server honours Idempotency-Key; `plain`: it does not. */
export const EFFECT_KINDS = ["keyed", "plain"] as const;
type EffectKind = (typeof EFFECT_KINDS)[number];

const MOST_DELAY_MS = 25;

/** Answers take a random moment, so that a kill can fall between an effect and its being recorded. */
export async function fakeReceiver(random: SeededRandom, after: (ms: number, run: () => void) => void): Promise<FakeReceiver> {
  const effects = new Map<string, { byKey: Map<string, number> }>();
  const listeners = { keyed: new Set<() => void>(), plain: new Set<() => void>() };
  let requests = 0;

  const take = (kind: EffectKind) => (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.once("end", () => {
      requests += 1;
      const effect = request.url ?? "/";
      const key = String(request.headers["idempotency-key"] ?? "");
      const received = effects.get(effect) ?? { byKey: new Map<string, number>() };
      effects.set(effect, received);
      received.byKey.set(key, (received.byKey.get(key) ?? 0) + 1);
      for (const listener of [...listeners[kind]]) listener();
      const answer = () => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ effect, first: received.byKey.get(key) === 1 }));
      };
      if (random.next() < 0.5) answer();
      else after(random.whole(1, MOST_DELAY_MS), answer);
    });
  };

  const keyed = await listening(take("keyed"));
  const plain = await listening(take("plain"));
  return {
    keyed: addressOf(keyed),
    plain: addressOf(plain),
    effects,
    get requests() {
      return requests;
    },
    onNextRequest(kind, listener) {
      const once = () => {
        listeners[kind].delete(once);
        listener();
      };
      listeners[kind].add(once);
      return () => void listeners[kind].delete(once);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([keyed, plain].map(closed));
    },
  };
}

async function listening(take: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  // Loaded here: every other command would pay for it at its start.
  const { createServer } = await import("node:http");
  const server = createServer(take);
  const ready = Promise.withResolvers<void>();
  server.once("error", ready.reject);
  server.listen(0, "127.0.0.1", ready.resolve);
  await ready.promise;
  return server;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  const done = Promise.withResolvers<void>();
  server.close(() => done.resolve());
  server.closeAllConnections();
  return done.promise;
}
