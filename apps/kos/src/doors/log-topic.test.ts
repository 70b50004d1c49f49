import type { ServerFrame } from "@kos/api";
import { expect, it } from "vitest";
import { createLogTopic } from "./log-topic.ts";

const RECORD = {
  at: "2026-11-22T12:00:00.000Z",
  level: "warn",
  message: "slow",
  agent: "kExecutor:files",
  plan_id: "p",
  task_id: "t",
} as const;

it("tells each listener of a record while it listens, as a frame of the specification", () => {
  const topic = createLogTopic();
  const heard: ServerFrame[] = [];
  topic.sink.write(RECORD);
  const stop = topic.listen((frame) => heard.push(frame));
  topic.sink.write(RECORD);
  stop();
  topic.sink.write(RECORD);
  expect(heard).toEqual([
    {
      type: "LOG",
      agent: "kExecutor:files",
      task_id: "t",
      plan_id: "p",
      payload: { status: "warn", data: RECORD },
      timestamp: "2026-11-22T12:00:00.000Z",
    },
  ]);
});
