// A server outside of kOS, on loopback: it writes down what arrives and answers when and as the test says.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: string;
}

export interface Outside extends AsyncDisposable {
  /** `127.0.0.1:PORT`, for `egress.allow_hosts`. */
  readonly address: string;
  readonly url: string;
  readonly arrived: readonly Arrived[];
  /** Resolves once so many requests have arrived. */
  arrivals(count: number): Promise<void>;
  /** Requests wait for `letGo` instead of being answered. */
  hold(): void;
  letGo(): void;
}

type Answer = (request: Arrived, response: ServerResponse) => void;

export async function outside(
  answer: Answer = (request, response) => response.end(JSON.stringify({ path: request.path })),
): Promise<Outside> {
  const arrived: Arrived[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let held: (() => void)[] | undefined;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const key = request.headers["idempotency-key"];
      const one: Arrived = {
        method: request.method ?? "",
        path: request.url ?? "",
        key: typeof key === "string" ? key : undefined,
        body: Buffer.concat(chunks).toString(),
      };
      arrived.push(one);
      for (const { count, resolve } of waiting) if (arrived.length >= count) resolve();
      response.setHeader("content-type", "application/json");
      if (held === undefined) answer(one, response);
      else held.push(() => answer(one, response));
    });
  });
  const ready = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", ready.resolve);
  await ready.promise;
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    url: `http://${address}`,
    arrived,
    arrivals(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (arrived.length >= count) resolve();
      else waiting.push({ count, resolve });
      return promise;
    },
    hold() {
      held ??= [];
    },
    letGo() {
      const open = held ?? [];
      held = undefined;
      for (const release of open) release();
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
