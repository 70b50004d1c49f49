// Which task the running code works for, carried through every await, so that records get their tags without anyone passing them.

import { AsyncLocalStorage } from "node:async_hooks";
import type { TaskTags } from "./log-record.ts";

const storage = new AsyncLocalStorage<TaskTags>();

/** Runs `work` so that every record made in it, however deep and after whatever await, has these tags. Inner tags add to and win over outer ones. */
export function withTaskContext<Result>(tags: TaskTags, work: () => Result): Result {
  return storage.run({ ...storage.getStore(), ...tags }, work);
}

/** The tags of the running code; empty outside any task. */
export function currentTaskTags(): TaskTags {
  return storage.getStore() ?? {};
}
