import type { LogRecord, ServerFrame } from "@kos/api";
import { KosError } from "@kos/klp";
import { expect, it } from "vitest";
import { createAgentLog, fieldsText } from "./agent-log.ts";

const record = (second: number, message: string): LogRecord => ({
  at: `2027-01-01T00:00:0${second}Z`,
  level: "info",
  message,
  plan_id: "one",
  task_id: "crawl",
});
const frame = (of: LogRecord, planId = "one"): ServerFrame => ({
  type: "LOG",
  agent: "kExecutor:web",
  task_id: "crawl",
  plan_id: planId,
  payload: { status: of.level, data: of },
  timestamp: of.at,
});

function open(answer: () => Promise<readonly LogRecord[]>) {
  return createAgentLog({ client: { call: (async () => ({ items: await answer(), next_cursor: null })) as never }, planId: "one" });
}
const messages = (log: ReturnType<typeof open>) => log.state.get().records?.map(({ message }) => message);

it("shows what was written and what is, in order, each once, and nothing of other runs", async () => {
  const log = open(async () => [record(1, "one"), record(2, "two")]);
  expect(messages(log)).toBeUndefined();
  log.take(frame(record(3, "three")));
  log.take(frame(record(2, "two")));
  log.take(frame(record(4, "other"), "two"));
  await log.load();
  log.take(frame(record(4, "four")));
  await log.load();
  expect(messages(log)).toEqual(["one", "two", "three", "four"]);
});

it("keeps what there is when the node does not answer, and goes on when it does", async () => {
  let fails = true;
  const log = open(async () => {
    if (fails) throw new KosError("UNAVAILABLE", "away");
    return [record(1, "one")];
  });
  log.take(frame(record(2, "two")));
  await log.load();
  expect(log.state.get()).toMatchObject({ error: { code: "UNAVAILABLE" } });
  expect(messages(log)).toEqual(["two"]);
  fails = false;
  await log.load();
  expect(log.state.get().error).toBeUndefined();
  expect(messages(log)).toEqual(["one", "two"]);
});

it.each([
  [undefined, ""],
  [{ attempt: 1, path: "/x", rows: [1] }, "attempt=1 path=/x rows=[1]"],
  [{ error: { code: "UNAVAILABLE", message: "no answer", retryable: true } }, "error=UNAVAILABLE: no answer"],
  [{ error: { message: "odd" } }, "error=odd"],
])("writes the fields %j as %j", (fields, text) => {
  expect(fieldsText(fields)).toBe(text);
});
