export type { ChannelBlobs } from "./blob-channel.ts";
export { connectBlobs } from "./blob-channel.ts";
export type { ValueBlobs } from "./large-value.ts";

export { runWorkerHost } from "./worker-host.ts";
export type { WorkerConnection, WorkerEvents, WorkerPool } from "./worker-pool.ts";
export { createWorkerPool } from "./worker-pool.ts";

export { startWorkerProcess } from "./worker-process.ts";
