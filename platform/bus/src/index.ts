export type { BusMessage, EventBus, SubscribeOptions, Subscription } from "./event-bus.ts";
export { type InProcessBusOptions, inProcessBus } from "./in-process.ts";
