// The worker's end of a group writer.

import { parentPort } from "node:worker_threads";
import type { Journal } from "./group-writer.ts";

export function serveJournal<Item>(journal: Journal<Item>): void {
  parentPort?.on("message", (message: readonly Item[] | "close") => {
    if (message === "close") {
      journal.close();
      parentPort?.close();
      return;
    }
    journal.writeGroup(message);
    parentPort?.postMessage("done");
  });
  parentPort?.postMessage("ready");
}
