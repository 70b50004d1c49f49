import { setTimeout } from "node:timers/promises";
import { KosError } from "@kos/klp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLogger, type LoggerOptions } from "./logger.ts";
import { createRedactor } from "./redactor.ts";
import { memorySink } from "./sinks.ts";
import { currentTaskTags, withTaskContext } from "./task-context.ts";

const NOW = Date.parse("2026-11-22T12:00:00.123Z");

function start(options: Partial<LoggerOptions> = {}) {
  const sink = memorySink();
  const log = createLogger({ sink, level: "trace", now: () => NOW, ...options });
  return { log, records: sink.records };
}

describe("records", () => {
  it("[T1] carry time, level, message, speaker and fields", () => {
    const { log, records } = start({ agent: "gateway" });
    log.warn("slow request", { path: "/agent/task", ms: 2100 });
    log.child({ agent: "kBridge:http", fields: { host: "example.com" } }).info("called", { status: 200 });
    expect(records).toEqual([
      {
        at: "2026-11-22T12:00:00.123Z",
        level: "warn",
        message: "slow request",
        agent: "gateway",
        fields: { path: "/agent/task", ms: 2100 },
      },
      {
        at: "2026-11-22T12:00:00.123Z",
        level: "info",
        message: "called",
        agent: "kBridge:http",
        fields: { host: "example.com", status: 200 },
      },
    ]);
  });

  it("[T1] take the message as it is, without expanding it", () => {
    const { log, records } = start();
    log.info("100%s %d %j {} ${x}", { x: 1 });
    expect(records[0]?.message).toBe("100%s %d %j {} ${x}");
  });

  it("[T1] are made only at the level wanted, which can change for all relatives at once", () => {
    const { log, records } = start({ level: "warn" });
    const child = log.child({ agent: "a" });
    child.info("no");
    expect(child.isEnabled("info")).toBe(false);
    log.setLevel("debug");
    child.debug("yes");
    child.trace("no");
    expect(records.map(({ message }) => message)).toEqual(["yes"]);
  });

  it("[T1] show errors with code, cause and stack as data", () => {
    const { log, records } = start();
    const cause = new Error("ENOSPC");
    log.error("commit failed", { error: new KosError("STORAGE_FULL", "The disk is full.", { cause, details: { path: "/x" } }) });
    expect(records[0]?.fields?.["error"]).toMatchObject({
      name: "KosError",
      code: "STORAGE_FULL",
      message: "The disk is full.",
      details: { path: "/x" },
      stack: expect.arrayContaining([expect.stringMatching(/^at /)]),
      cause: { name: "Error", message: "ENOSPC" },
    });
  });
});

describe("tags of the running task", () => {
  it("[T2] are on every record made inside, through awaits, timers and concurrent tasks, and on none outside", async () => {
    const { log, records } = start();
    const work = async (task: string) => {
      log.info("begin");
      await setTimeout(1);
      await Promise.resolve().then(() => log.info("inner"));
      await withTaskContext({ task_id: `${task}[0]` }, async () => log.info("item"));
      log.info("end");
    };
    await Promise.all(["a", "b"].map((task) => withTaskContext({ plan_id: "plan", task_id: task, trace_id: "t" }, () => work(task))));
    log.info("outside");
    for (const task of ["a", "b"]) {
      expect(records.filter((record) => record.task_id === task).map(({ message }) => message)).toEqual(["begin", "inner", "end"]);
      expect(records.filter((record) => record.task_id === `${task}[0]`)).toMatchObject([
        { message: "item", plan_id: "plan", trace_id: "t" },
      ]);
    }
    expect(records.at(-1)).toEqual({ at: expect.any(String), level: "info", message: "outside" });
    expect(currentTaskTags()).toEqual({});
  });

  it("[T2] cannot be forged by fields of the same name", () => {
    const { log, records } = start();
    withTaskContext({ plan_id: "real" }, () => log.info("x", { plan_id: "forged", level: "fatal", at: "never", message: "other" }));
    expect(records[0]).toMatchObject({ plan_id: "real", level: "info", message: "x", at: "2026-11-22T12:00:00.123Z" });
  });
});

describe("what is logged", () => {
  it("[T3] [R67] stays one line in message, keys and values", () => {
    const { log, records } = start();
    log.info("first\n2026-11-22 FATAL forged\u2028\u001b[2J", { "key\n": { deep: ["va\rlue"] } });
    expect(records[0]).toMatchObject({
      message: "first\\n2026-11-22 FATAL forged\\u2028\\u001b[2J",
      fields: { "key\\n": { deep: ["va\\rlue"] } },
    });
  });

  it("[T4] [R45] loses its secrets in message, fields, urls, errors and stacks", () => {
    const redactor = createRedactor();
    redactor.hide("canary-4711");
    const { log, records } = start({ redactor });
    const error = new Error("bad password canary-4711", { cause: new Error("canary-4711") });
    log.error("calling https://x.test/?token=abc with canary-4711", {
      headers: { Authorization: "Bearer abcdefghijkl", accept: "*/*" },
      "canary-4711": 1,
      list: ["canary-4711"],
      error,
    });
    const text = JSON.stringify(records);
    expect(text).not.toContain("canary-4711");
    expect(text).not.toContain("abc");
    expect(records[0]?.fields?.["headers"]).toEqual({ Authorization: "[redacted]", accept: "*/*" });
  });

  it("[T4] [R45] does not let a secret survive by being cut in half", () => {
    const redactor = createRedactor();
    const canary = "S3CR3T".repeat(20);
    redactor.hide(canary);
    const { log, records } = start({ redactor });
    log.info(`${"x".repeat(8192 - 60)}${canary}`);
    expect(records[0]?.message).not.toContain("S3CR3T");
  });

  it("[T5] is bounded in length, breadth and depth", () => {
    const { log, records } = start();
    const deep: Record<string, unknown> = {};
    deep["self"] = deep;
    log.info("x".repeat(1_000_000), {
      list: Array.from({ length: 1000 }, () => "y"),
      deep,
      wide: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])),
    });
    expect(JSON.stringify(records[0]).length).toBeLessThan(20_000);
  });

  it("[T5] never makes logging throw, whatever it is", () => {
    const { log, records } = start();
    const hostile = {
      get boom(): never {
        throw new Error("no");
      },
    };
    const throwing = {
      toJSON: () => {
        throw new Error("no");
      },
    };
    log.info("odd", {
      hostile,
      throwing,
      fn: () => 1,
      sym: Symbol("x"),
      big: 10n,
      nan: Number.NaN,
      date: new Date(0),
      map: new Map([["a", 1]]),
      bytes: new Uint8Array(3),
      none: undefined,
    });
    expect(records[0]?.fields).toEqual({
      hostile: "[unreadable: no]",
      throwing: "[unreadable: no]",
      big: "10",
      nan: "NaN",
      date: "1970-01-01T00:00:00.000Z",
      map: { a: 1 },
      bytes: "[3 bytes]",
    });
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withSparseArray: true }),
        fc.string({ unit: "binary" }),
        (value, text) => {
          log.info(text, { value, [text]: value });
        },
      ),
    );
  });

  it("[T5] [R75] cannot touch a prototype", () => {
    const { log, records } = start();
    log.info("x", JSON.parse('{"__proto__": {"polluted": 1}}') as Record<string, unknown>);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(records[0]?.fields).toBeDefined();
  });
});
