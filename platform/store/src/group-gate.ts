// Gathers requests while a group is on its way to disk and sends them on together: group commit, seen from the caller's thread.

import type { KosError } from "@kos/klp";
import { errorOf, type WriteItem, type WriteResult, type WriteResults } from "./write-item.ts";
import type { WriterPort } from "./writer-port.ts";

/** A group is closed at this size, so that a flood makes more groups instead of one endless transaction. */
const MAX_GROUP_ITEMS = 4096;

interface Waiting {
  readonly item: WriteItem;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupGate {
  readonly #port: WriterPort;
  readonly #onResults: (items: readonly WriteItem[], results: readonly WriteResult[]) => void;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;
  /** Called when nothing waits and nothing is in flight any more. */
  #onDrained: (() => void) | undefined;

  /** `onResults` is called after each group, before any of its promises settles. */
  constructor(port: WriterPort, onResults: (items: readonly WriteItem[], results: readonly WriteResult[]) => void) {
    this.#port = port;
    this.#onResults = onResults;
  }

  /** Resolves when the request is durable. */
  submit<Kind extends WriteItem["kind"]>(item: Extract<WriteItem, { readonly kind: Kind }>): Promise<WriteResults[Kind]> {
    return new Promise<WriteResults[Kind]>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#scheduled || this.#inFlight > 0) return;
      // Requests of the same turn go together.
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#send();
      });
    });
  }

  /** Resolves when everything submitted so far has settled. */
  async drained(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
  }

  #send(): void {
    if (this.#inFlight > 0) return;
    if (this.#waiting.length === 0) {
      this.#onDrained?.();
      return;
    }
    const group = this.#waiting.splice(0, MAX_GROUP_ITEMS);
    this.#inFlight++;
    void this.#run(group);
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    const items = group.map((waiting) => waiting.item);
    let results: readonly WriteResult[];
    try {
      results = await this.#port.run(items);
    } catch (error) {
      this.#inFlight--;
      for (const waiting of group) waiting.reject(error as KosError);
      this.#send();
      return;
    }
    this.#inFlight--;
    // The next group leaves before this one's callers run.
    this.#send();
    this.#onResults(items, results);
    for (const [index, waiting] of group.entries()) {
      const result = results[index];
      if (result?.ok === true) waiting.resolve(result.value as never);
      else if (result !== undefined) waiting.reject(errorOf(result.failure));
    }
  }
}
