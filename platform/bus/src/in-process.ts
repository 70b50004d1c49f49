// The bus within one process. Each subscriber has a bounded queue of its own, so a slow one costs nobody else anything.

import { KosError } from "@kos/klp";
import type { BusMessage, EventBus, SubscribeOptions, Subscription } from "./event-bus.ts";
import { checkTopic, topicMatcher } from "./topic.ts";

export interface InProcessBusOptions {
  /** Gets what a handler threw or rejected with. Must not throw. */
  readonly onError: (error: unknown, message: BusMessage) => void;
}

const DEFAULT_MAX_WAITING = 1024;

export function inProcessBus(options: InProcessBusOptions): EventBus {
  const subscribers = new Set<Subscriber>();
  let isDisposed = false;
  return {
    publish(topic, payload) {
      checkTopic(topic);
      const message: BusMessage = { topic, payload };
      for (const subscriber of subscribers) subscriber.offer(message);
    },
    subscribe(pattern, handler, subscribeOptions = {}) {
      const fits = topicMatcher(pattern);
      if (isDisposed) throw new KosError("UNAVAILABLE", "The bus has been shut down; nobody can subscribe any more.");
      const subscriber = new Subscriber(fits, handler, options.onError, subscribeOptions, (ended) => subscribers.delete(ended));
      subscribers.add(subscriber);
      return subscriber;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await Promise.all([...subscribers].map((subscriber) => subscriber[Symbol.asyncDispose]()));
    },
  };
}

class Subscriber implements Subscription {
  readonly #fits: (topic: string) => boolean;
  readonly #handler: (message: BusMessage) => void | Promise<void>;
  readonly #onError: InProcessBusOptions["onError"];
  readonly #maxWaiting: number;
  readonly #onEnd: (ended: Subscriber) => void;
  readonly #waiting: BusMessage[] = [];
  #draining: Promise<void> | undefined;
  #dropped = 0;
  #isEnded = false;

  constructor(
    fits: (topic: string) => boolean,
    handler: (message: BusMessage) => void | Promise<void>,
    onError: InProcessBusOptions["onError"],
    options: SubscribeOptions,
    onEnd: (ended: Subscriber) => void,
  ) {
    this.#fits = fits;
    this.#handler = handler;
    this.#onError = onError;
    this.#maxWaiting = Math.max(1, options.maxWaiting ?? DEFAULT_MAX_WAITING);
    this.#onEnd = onEnd;
  }

  get dropped(): number {
    return this.#dropped;
  }

  offer(message: BusMessage): void {
    if (this.#isEnded || !this.#fits(message.topic)) return;
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#waiting.push(message);
    this.#draining ??= this.#drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#onEnd(this);
    this.#waiting.length = 0;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      try {
        // Most handlers are done when they return: waiting for those would cost a turn of the event loop's queue each.
        const pending = this.#handler(message);
        if (pending !== undefined) await pending;
      } catch (error) {
        this.#onError(error, message);
      }
    }
    this.#draining = undefined;
  }
}
