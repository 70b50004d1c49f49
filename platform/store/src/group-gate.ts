// Gathers requests while a group is on its way to disk and sends them on together: group commit, seen from the caller's thread.

import { isKosError, KosError } from "@kos/klp";
import { errorOf, type WriteItem, type WriteResults } from "./write-item.ts";
import type { WriterPort } from "./writer-port.ts";

/** A group is closed at this size, so that a flood makes more groups instead of one endless transaction. */
const MAX_GROUP_ITEMS = 4096;

/** A commit of so many events does not wait for others of its turn, so that the writer works on it while the turn goes on. */
const LARGE_COMMIT_EVENTS = 64;

/** A request's value once it is durable, or why it is not. */
export type GateOutcome = { readonly ok: true; readonly value: WriteResults[WriteItem["kind"]] } | Error;

interface Waiting {
  readonly item: WriteItem;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupGate {
  readonly #port: WriterPort;
  readonly #onResults: (items: readonly WriteItem[], outcomes: readonly GateOutcome[]) => void;
  #waiting: Waiting[] = [];
  #inFlight = false;
  #scheduled = false;
  /** Called when nothing waits and nothing is in flight any more. */
  #onDrained: (() => void) | undefined;

  /** `onResults` is called after each group, before any of its promises settles. */
  constructor(port: WriterPort, onResults: (items: readonly WriteItem[], outcomes: readonly GateOutcome[]) => void) {
    this.#port = port;
    this.#onResults = onResults;
  }

  /** Resolves when the request is durable. */
  submit<Kind extends WriteItem["kind"]>(item: Extract<WriteItem, { readonly kind: Kind }>): Promise<WriteResults[Kind]> {
    return new Promise<WriteResults[Kind]>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#inFlight) return;
      if (isLarge(item)) return this.#send();
      if (this.#scheduled) return;
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
    if (this.#waiting.length === 0 && !this.#inFlight) return;
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
  }

  #send(): void {
    if (this.#inFlight) return;
    if (this.#waiting.length === 0) {
      this.#onDrained?.();
      return;
    }
    this.#inFlight = true;
    void this.#run(this.#waiting.splice(0, MAX_GROUP_ITEMS));
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    const outcomes = await this.#ask(group);
    this.#inFlight = false;
    // The next group leaves before the callers of this one run.
    this.#send();
    this.#onResults(
      group.map(({ item }) => item),
      outcomes,
    );
    for (const [index, waiting] of group.entries()) {
      const outcome = outcomes[index] ?? new KosError("INTERNAL", "The writer gave no answer to a request.");
      if (outcome instanceof Error) waiting.reject(outcome);
      else waiting.resolve(outcome.value as never);
    }
  }

  /** What became of each request. Never rejects. */
  async #ask(group: readonly Waiting[]): Promise<GateOutcome[]> {
    try {
      const results = await this.#port.run(group.map(({ item }) => item));
      return results.map((result) => (result.ok ? result : errorOf(result.failure)));
    } catch (error) {
      const reason = error instanceof Error ? error : new KosError("INTERNAL", "The writer failed.", { cause: error });
      // Something that cannot even be sent: the others go without it.
      if (!isKosError(error, "BAD_REQUEST") || group.length === 1) return group.map(() => reason);
      const outcomes: GateOutcome[] = [];
      for (const waiting of group) outcomes.push(...(await this.#ask([waiting])));
      return outcomes;
    }
  }
}

function isLarge(item: WriteItem): boolean {
  return item.kind === "append" && item.commit.events.length >= LARGE_COMMIT_EVENTS;
}
