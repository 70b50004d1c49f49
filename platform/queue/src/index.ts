export { type MemoryQueueOptions, memoryQueue, type QueueFaults } from "./memory.ts";
export { type StoreQueue, type StoreQueueOptions, storeQueue } from "./store.ts";
export type { QueueSize, QueueTimers, TaskHint, TaskQueue } from "./task-queue.ts";
