import { setImmediate } from "node:timers/promises";
import { testEventBusContract } from "./event-bus.contract.ts";
import { inProcessBus } from "./in-process.ts";

testEventBusContract("in-process", async () => {
  const errors: unknown[] = [];
  const bus = inProcessBus({ onError: (error) => errors.push(error) });
  // Handing over takes microtasks only, so one turn of the event loop lets all of them run.
  return { bus, errors, settle: () => setImmediate(), [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
});
