// The writer in a thread of its own, seen from the thread that asks. A thread that dies takes no promise with it: all reject.

import { Worker } from "node:worker_threads";
import { KosError } from "@kos/klp";
import type { LogSignerSeed } from "./log-signer.ts";
import { type PackedItems, packItems } from "./packed-items.ts";
import { errorOf, type WriteItem, type WriteResult } from "./write-item.ts";
import type { WriterPort } from "./writer-port.ts";

export interface ThreadOptions {
  readonly path: string;
  readonly signer: LogSignerSeed;
  readonly idleAfterMs: number;
}

export type ThreadRequest = { readonly kind: "run"; readonly items: PackedItems } | { readonly kind: "close" };
export type ThreadAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly result: WriteResult }
  | { readonly kind: "results"; readonly results: readonly PackedResult[] }
  | { readonly kind: "closed" };

/** Nearly every result is a committed append: its version alone crosses between the threads, for copying objects costs as much as hashing. */
type PackedResult = number | WriteResult;

export function packResult(result: WriteResult): PackedResult {
  if (!result.ok || typeof result.value !== "object" || result.value === null || !("outcome" in result.value)) return result;
  return result.value.outcome === "committed" ? result.value.version : result;
}

function unpackResult(packed: PackedResult): WriteResult {
  return typeof packed === "number" ? { ok: true, value: { outcome: "committed", version: packed } } : packed;
}

interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: KosError) => void;
}

/** Starts the thread and waits until it has opened the store. @throws KosError as opening does. */
export async function startWriterThread(entry: URL, options: ThreadOptions): Promise<WriterPort> {
  const thread = new WriterThread(entry, options);
  const answer = await thread.ready;
  if (answer.kind === "failed" && !answer.result.ok) {
    await thread.end();
    throw errorOf(answer.result.failure);
  }
  return thread;
}

class WriterThread implements WriterPort {
  readonly ready: Promise<ThreadAnswer>;
  readonly #worker: Worker;
  /** Answers come in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  #gone: KosError | undefined;

  constructor(entry: URL, options: ThreadOptions) {
    this.#worker = new Worker(entry, { workerData: options, name: "kos-store-writer" });
    this.ready = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#worker.on("message", (answer: ThreadAnswer) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`the thread ended with code ${code}`)));
  }

  async run(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const answer = await this.#ask({ kind: "run", items: packItems(items) });
    return answer.kind === "results" ? answer.results.map(unpackResult) : [];
  }

  async close(): Promise<void> {
    if (this.#gone === undefined) await this.#ask({ kind: "close" });
    await this.end();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: ThreadRequest): Promise<ThreadAnswer> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    try {
      this.#worker.postMessage(request);
    } catch (cause) {
      // Functions and the like: nothing was sent, and nobody waits for an answer.
      return Promise.reject(new KosError("BAD_REQUEST", "A request to the store holds a value that is no data.", { cause }));
    }
    this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #settle(answer: ThreadAnswer): void {
    this.#waiting.shift()?.resolve(answer);
    // A quiet writer keeps no process alive; one with work does.
    if (this.#waiting.length === 0) this.#worker.unref();
  }

  #fail(cause: unknown): void {
    this.#gone ??= new KosError(
      "UNAVAILABLE",
      "The thread that writes the store has ended. Restart the node; nothing acknowledged is lost.",
      { cause },
    );
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#gone);
  }
}
