// A logger for one call: whatever it writes has the call's tags, also when it is used outside the call's own context.

import type { CallAddress, TaskLogger } from "@kos/agent";
import { type Logger, withTaskContext } from "@kos/telemetry";

export function taskLogger(logger: Logger, { plan_id, task_id, trace_id }: CallAddress): TaskLogger {
  const method =
    (level: "debug" | "info" | "warn" | "error"): TaskLogger["info"] =>
    (message, fields) =>
      withTaskContext({ plan_id, task_id, trace_id }, () => logger[level](message, fields));
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}
