// What a long call has done, kept durably in batches: each batch is a blob, its hash a checkpoint. A later attempt reads them and goes on.

import type { CapabilityContext } from "@kos/agent";
import { isKosError } from "@kos/klp";

export interface Ledger<Entry> {
  /** Hands an entry over. Waits only where the disk is far behind. Errors: those of an earlier batch. */
  add(entry: Entry): Promise<void>;
  /** Everything handed over is durable when it resolves. Errors: STORAGE_FULL, and those of the engine. */
  close(): Promise<void>;
  /** Hashes of all batches, those of earlier attempts first; complete once closed. */
  readonly batches: readonly string[];
}

export interface LedgerOptions<Entry> {
  readonly context: Pick<CapabilityContext, "artifacts" | "checkpoint" | "checkpoints">;
  /** Names the batches of this ledger among the checkpoints. */
  readonly name: string;
  readonly write: (entries: readonly Entry[]) => string;
  /** Of an earlier attempt, already read. */
  readonly earlier: readonly string[];
  /** Entries there will be at most, so that there are never more batches than checkpoints allowed. */
  readonly maxEntries: number;
}

/** Of the 10,000 checkpoints of a generation; the rest is for attempts cut off early. */
const MAX_BATCHES = 8000;
/** Entries that are done again if the process dies: these, and those of the batch under way. */
const MAX_WAITING = 32;

/** The batches that earlier attempts recorded under that name, oldest first. */
export function recordedBatches(checkpoints: readonly unknown[], name: string): readonly string[] {
  return checkpoints.flatMap((checkpoint) => {
    if (typeof checkpoint !== "object" || checkpoint === null) return [];
    const hash: unknown = (checkpoint as Readonly<Record<string, unknown>>)[name];
    return typeof hash === "string" ? [hash] : [];
  });
}

/**
 * Reads the batches of earlier attempts one by one. One that is gone ends it: what it held is simply done again. Errors: TOO_LARGE, and
 * what `read` throws.
 */
export async function* restoredBatches<Entry>(
  context: Pick<CapabilityContext, "artifacts" | "checkpoints">,
  name: string,
  read: (content: Uint8Array) => readonly Entry[],
): AsyncGenerator<{ readonly hash: string; readonly entries: readonly Entry[] }> {
  for (const hash of recordedBatches(context.checkpoints, name)) {
    let content: Uint8Array;
    try {
      content = await context.artifacts.get(hash);
    } catch (error) {
      if (isKosError(error, "NOT_FOUND")) return;
      throw error;
    }
    yield { hash, entries: read(content) };
  }
}

/** A batch is written as soon as the one before it is durable, so batches grow only under load. */
export function createLedger<Entry>({ context, name, write, earlier, maxEntries }: LedgerOptions<Entry>): Ledger<Entry> {
  const batches = [...earlier];
  const leastEntries = Math.max(1, Math.ceil(maxEntries / MAX_BATCHES));
  let waiting: Entry[] = [];
  let flushing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function flush(): Promise<void> {
    const entries = waiting;
    waiting = [];
    const { hash } = await context.artifacts.put({
      name: `${name}-${batches.length + 1}.ndjson`,
      media_type: "application/x-ndjson",
      content: write(entries),
    });
    await context.checkpoint({ [name]: hash });
    batches.push(hash);
  }

  function begin(least: number): void {
    if (flushing !== undefined || failure !== undefined || waiting.length < least) return;
    flushing = flush().then(
      () => {
        flushing = undefined;
        begin(leastEntries);
      },
      (error: unknown) => {
        flushing = undefined;
        failure = { error };
      },
    );
  }

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  return {
    batches,
    async add(entry) {
      throwFailure();
      waiting.push(entry);
      begin(leastEntries);
      while (waiting.length > MAX_WAITING && flushing !== undefined) await flushing;
      throwFailure();
    },
    async close() {
      while (flushing !== undefined || (waiting.length > 0 && failure === undefined)) {
        begin(1);
        await flushing;
      }
      throwFailure();
    },
  };
}
