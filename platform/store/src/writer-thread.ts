// Entry of the writer thread: the only one that holds the write connection and the node's signing key. Answers first, then signs.

import { parentPort, workerData } from "node:worker_threads";
import { isKosError } from "@kos/klp";
import { openLogSigner } from "./log-signer.ts";
import { unpackItems } from "./packed-items.ts";
import { openWriteConnection } from "./sqlite-connection.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import { packResult, type ThreadAnswer, type ThreadOptions, type ThreadRequest } from "./threaded-writer-port.ts";
import { failed } from "./write-item.ts";
import { IdleWatch } from "./writer-port.ts";

function start(): void {
  const port = parentPort;
  if (port === null) throw new Error("writer-thread.ts runs as a worker thread only.");
  const options = workerData as ThreadOptions;
  const answer = (message: ThreadAnswer) => port.postMessage(message);
  let writer: SqliteWriter;
  try {
    const signer = openLogSigner(options.signer);
    writer = new SqliteWriter(openWriteConnection(options.path), signer);
  } catch (error) {
    if (!isKosError(error)) throw error;
    answer({ kind: "failed", result: failed(error) });
    return;
  }
  const idle = new IdleWatch(writer, after, options.idleAfterMs);
  port.on("message", (request: ThreadRequest) => {
    if (request.kind === "close") {
      idle.stop();
      writer.close();
      answer({ kind: "closed" });
      port.close();
      return;
    }
    answer({ kind: "results", results: writer.run(unpackItems(request.items)).map(packResult) });
    writer.afterResults();
    idle.noteWork();
  });
  answer({ kind: "ready" });
}

function after(delayMs: number, task: () => void): () => void {
  // oxlint-disable-next-line kos/no-ambient -- this thread has no composition root but this file
  const timer = setTimeout(task, delayMs);
  return () => clearTimeout(timer);
}

start();
