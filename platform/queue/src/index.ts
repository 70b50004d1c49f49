export { storeQueue } from "./store.ts";
export type { TaskHint } from "./task-queue.ts";
