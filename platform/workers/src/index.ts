export type { ValueBlobs } from "./large-value.ts";
export type { SignedLink, SignedLinkOptions } from "./signed-link.ts";
export { createSignedLink } from "./signed-link.ts";
export type { WorkerHostOptions } from "./worker-host.ts";
export { runWorkerHost } from "./worker-host.ts";
export type { LostCall, WorkerConnection, WorkerEvents, WorkerPool, WorkerPoolOptions } from "./worker-pool.ts";
export { createWorkerPool } from "./worker-pool.ts";
export type { WorkerProcessOptions } from "./worker-process.ts";
export { startWorkerProcess } from "./worker-process.ts";
