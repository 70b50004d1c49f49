// The process that reads data: it takes one order over its channel, answers and ends. Whatever a file or a query makes of it dies with it.

import { isMainThread, workerData } from "node:worker_threads";
import { toWireError } from "@kos/klp";
import type { DataMessage, FirstMessage } from "../data-order.ts";
import { carryOut } from "./data-work.ts";
import { keepWatch, startWatch, type WatchOrder } from "./watch.ts";

/** `entry` is the module that calls this, as the first thing it does: its process runs it once more as the thread that keeps watch. */
export async function runDataProcess(entry: URL): Promise<void> {
  if (!isMainThread) {
    keepWatch(workerData as WatchOrder);
    return;
  }
  const { order, limits } = await firstMessage();
  const watch = startWatch(entry, limits);
  try {
    const value = await carryOut(order, {
      progress: (progress) => void say({ say: "progress", ...progress }),
      content: (text) => say({ say: "content", text }),
      limitSeconds: (seconds) => watch.limitSeconds(seconds),
    });
    await say({ say: "done", value });
  } catch (error) {
    await say({ say: "failed", error: toWireError(error) });
  }
  await watch.stop();
  process.disconnect?.();
}

function firstMessage(): Promise<FirstMessage> {
  return new Promise((resolve) => {
    process.once("message", (message) => resolve(message as FirstMessage));
    void say({ say: "ready" });
  });
}

function say(message: DataMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error("there is no channel: the program is started by its agent"));
    else process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}
