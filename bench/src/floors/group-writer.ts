// Group commit, bare: while one group of items is on its way to disk the next gathers. On the main thread or in a worker; the items and
// what is written for them belong to the journal that is named.

import { Worker } from "node:worker_threads";

export interface GroupWriter<Item> extends AsyncDisposable {
  /** Resolves once the item is on disk. */
  write(item: Item): Promise<void>;
}

/** Opened where the items are written; one transaction a call. */
export interface Journal<Item> {
  writeGroup(items: readonly Item[]): void;
  close(): void;
}

/** Each turn of the event loop writes what has gathered. */
export function mainThreadWriter<Item>(journal: Journal<Item>): GroupWriter<Item> {
  let gathered: Waiting<Item>[] = [];
  const flush = (): void => {
    const group = gathered;
    gathered = [];
    journal.writeGroup(group.map(({ item }) => item));
    for (const { done } of group) done();
  };
  return {
    write: (item) =>
      new Promise((done) => {
        gathered.push({ item, done });
        if (gathered.length === 1) setImmediate(flush);
      }),
    async [Symbol.asyncDispose]() {
      journal.close();
    },
  };
}

/** `entry` is a module that calls `serveJournal`. */
export async function threadWriter<Item>(entry: URL, workerData: unknown): Promise<GroupWriter<Item>> {
  const worker = new Worker(entry, { workerData });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  let gathered: Waiting<Item>[] = [];
  let inFlight: readonly Waiting<Item>[] | undefined;
  const send = (): void => {
    if (inFlight !== undefined || gathered.length === 0) return;
    inFlight = gathered;
    gathered = [];
    worker.postMessage(inFlight.map(({ item }) => item));
  };
  worker.on("message", () => {
    const done = inFlight ?? [];
    inFlight = undefined;
    send();
    for (const waiting of done) waiting.done();
  });
  return {
    write: (item) =>
      new Promise((done) => {
        gathered.push({ item, done });
        if (gathered.length === 1 && inFlight === undefined) queueMicrotask(send);
      }),
    async [Symbol.asyncDispose]() {
      worker.postMessage("close");
      await new Promise((resolve) => worker.once("exit", resolve));
    },
  };
}

interface Waiting<Item> {
  readonly item: Item;
  readonly done: () => void;
}
