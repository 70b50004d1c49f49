export type { LostCall, WorkerConnection, WorkerEvents, WorkerPool, WorkerPoolOptions } from "./worker-pool.ts";
export { createWorkerPool } from "./worker-pool.ts";
