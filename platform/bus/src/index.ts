export type { EventBus } from "./event-bus.ts";
export { inProcessBus } from "./in-process.ts";
