import { describe, expect, it } from "vitest";
import type { LogRecord } from "./log-record.ts";
import { fanOutSink, memorySink } from "./sinks.ts";
import { jsonLinesSink, prettySink } from "./text-sinks.ts";

const RECORD: LogRecord = {
  at: "2026-11-22T12:03:04.120Z",
  level: "warn",
  message: "slow folder",
  agent: "kExecutor:files",
  plan_id: "019a0b7e-1111-7000-8000-0123456789ab",
  task_id: "scan[3]",
  fields: { path: "/srv", note: "two words", nested: { a: [1] } },
};

function lines() {
  const written: string[] = [];
  return { written, write: (text: string) => void written.push(text) };
}

describe("the readable form", () => {
  it("[T7] shows time, level, speaker, place, message and fields on one line", () => {
    const { written, write } = lines();
    prettySink({ write }).write(RECORD);
    expect(written).toEqual([
      '12:03:04.120 WARN  kExecutor:files …456789ab/scan[3] slow folder path=/srv note="two words" nested={ a: [ 1 ] }\n',
    ]);
  });

  it("[T7] shows times in the zone asked for, and colour only where wanted", () => {
    const { written, write } = lines();
    prettySink({ write, timeZone: "Europe/Berlin", color: true }).write({ at: RECORD.at, level: "error", message: "x" });
    expect(written[0]).toContain("13:03:04.120");
    expect(written[0]).toContain("\u001b[31mERROR\u001b[0m");
  });

  it("[T3] [R67] makes texts safe even if a record arrives unclean", () => {
    const { written, write } = lines();
    const unclean: LogRecord = {
      ...RECORD,
      message: "a\nb\u001b[2J",
      agent: "x\ny",
      task_id: "t\r",
      fields: { "k\n": "v\n", o: { p: "q\u2028" } },
    };
    prettySink({ write }).write(unclean);
    jsonLinesSink({ write }).write(unclean);
    for (const line of written) {
      expect(line.endsWith("\n")).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(/[\n\r\u001b\u2028]/);
    }
  });
});

describe("JSON lines", () => {
  it("[T7] are the record itself, from the level wanted on", () => {
    const { written, write } = lines();
    const sink = jsonLinesSink({ write, level: "warn" });
    sink.write(RECORD);
    sink.write({ ...RECORD, level: "info" });
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([RECORD]);
  });
});

it("[T7] a fan-out goes on when one sink throws", () => {
  const failure = new Error("broken sink");
  const errors: unknown[] = [];
  const memory = memorySink();
  const broken = {
    ...memorySink(),
    write: () => {
      throw failure;
    },
  };
  fanOutSink([broken, memory], (error) => errors.push(error)).write(RECORD);
  expect(memory.records).toEqual([RECORD]);
  expect(errors).toEqual([failure]);
});
