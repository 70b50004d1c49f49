import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fitsLogQuery, resolveLogQuery } from "./log-query.ts";
import { LOG_LEVELS, type LogRecord } from "./log-record.ts";
import type { LogStore } from "./log-store.ts";
import { type SqliteLogSinkOptions, sqliteLogSink } from "./sqlite-log-sink.ts";

const DAY_MS = 86_400_000;
let dir = "";
let nowMs = Date.parse("2026-11-22T12:00:00Z");
let timers: (() => void)[] = [];
let errors: unknown[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kos-logs-"));
  nowMs = Date.parse("2026-11-22T12:00:00Z");
  timers = [];
  errors = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function open(more: Partial<SqliteLogSinkOptions> = {}): LogStore {
  const after = (_: number, callback: () => void) => {
    timers.push(callback);
    return () => {
      timers = timers.filter((other) => other !== callback);
    };
  };
  return sqliteLogSink({ dir, now: () => nowMs, after, onError: (error) => errors.push(error), ...more });
}

function record(message: string, more: Partial<LogRecord> = {}): LogRecord {
  return { at: new Date(nowMs).toISOString(), level: "info", message, ...more };
}

async function messages(store: LogStore, query: Parameters<LogStore["query"]>[0] = {}): Promise<readonly string[]> {
  return (await store.query(query)).map(({ message }) => message);
}

describe("kept records", () => {
  it("[T8] come back as they were, numbered in the order of writing, also after a restart", async () => {
    const full = record("full", {
      agent: "a",
      plan_id: "p",
      task_id: "t[1]",
      trace_id: "x",
      level: "error",
      fields: { list: [1, { a: null }] },
    });
    const first = open();
    first.write(record("one"));
    first.write(full);
    await first[Symbol.asyncDispose]();
    await using second = open();
    second.write(record("three"));
    expect(await second.query({})).toEqual([
      { seq: 1, ...record("one") },
      { seq: 2, ...full },
      { seq: 3, ...record("three") },
    ]);
  });

  it("[T8] [R43] lie in files only their owner can read", async () => {
    await using store = open();
    store.write(record("x"));
    await store.flush();
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it("[T8] are asked for by plan, task, trace, agent, level, time and number", async () => {
    await using store = open();
    store.write(record("a", { plan_id: "p1", task_id: "t1", trace_id: "x", agent: "k" }));
    nowMs += 1000;
    store.write(record("b", { plan_id: "p1", task_id: "t2", trace_id: "x", level: "warn" }));
    nowMs += 1000;
    store.write(record("c", { plan_id: "p2", task_id: "t1", trace_id: "y", level: "error" }));
    nowMs += 1000;
    store.write(record("d", { level: "debug" }));
    expect(await messages(store)).toEqual(["a", "b", "c", "d"]);
    expect(await messages(store, { plan_id: "p1" })).toEqual(["a", "b"]);
    expect(await messages(store, { plan_id: "p1", task_id: "t2" })).toEqual(["b"]);
    expect(await messages(store, { task_id: "t1" })).toEqual(["a", "c"]);
    expect(await messages(store, { trace_id: "x" })).toEqual(["a", "b"]);
    expect(await messages(store, { plan_id: "p1", trace_id: "y" })).toEqual([]);
    expect(await messages(store, { agent: "k" })).toEqual(["a"]);
    expect(await messages(store, { level: "warn" })).toEqual(["b", "c"]);
    expect(await messages(store, { since: "2026-11-22T12:00:01Z", until: "2026-11-22T12:00:03Z" })).toEqual(["b", "c"]);
    expect(await messages(store, { limit: 2 })).toEqual(["c", "d"]);
    expect(await messages(store, { after: 1, limit: 2 })).toEqual(["b", "c"]);
    expect(await messages(store, { plan_id: "' OR 1=1 --" })).toEqual([]);
  });

  it("[T8] are found by any query exactly as a plain filter finds them, over several files", async () => {
    const name = fc.constantFrom("p", "q");
    const made = fc.record(
      { level: fc.constantFrom(...LOG_LEVELS), plan_id: name, task_id: name, trace_id: name, agent: name },
      { requiredKeys: ["level"] },
    );
    const query = fc.record(
      {
        level: fc.constantFrom(...LOG_LEVELS),
        plan_id: name,
        task_id: name,
        trace_id: name,
        agent: name,
        limit: fc.nat(8),
        after: fc.nat(30),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(made, { maxLength: 30 }), fc.array(query, { minLength: 1, maxLength: 8 }), async (all, queries) => {
        rmSync(dir, { recursive: true, force: true });
        await using store = open({ maxFiles: 100 });
        for (const [index, tags] of all.entries()) {
          nowMs += DAY_MS / 4;
          store.write(record(String(index + 1), tags));
          await store.flush();
        }
        for (const asked of queries) {
          const fitting = all
            .map((tags, index) => ({ seq: index + 1, ...record(String(index + 1), tags) }))
            .filter((one) => fitsLogQuery(one, resolveLogQuery(asked)) && one.seq > (asked.after ?? 0))
            .map(({ message }) => message);
          const limit = asked.limit ?? 100;
          const expected = asked.after === undefined ? fitting.slice(Math.max(0, fitting.length - limit)) : fitting.slice(0, limit);
          expect(await messages(store, asked)).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("[T8] refuses a bad time or limit", async () => {
    await using store = open();
    await expect(store.query({ since: "yesterday" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(store.query({ limit: -1 })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});

describe("writing", () => {
  it("[T9] gathers a batch and writes it after a moment, or at once for an error", async () => {
    await using store = open();
    store.write(record("a"));
    store.write(record("b"));
    expect(rows()).toBe(0);
    expect(timers).toHaveLength(1);
    timers[0]?.();
    expect(rows()).toBe(2);
    store.write(record("c"));
    store.write(record("d", { level: "error" }));
    expect(rows()).toBe(4);
    expect(timers).toHaveLength(0);
  });

  it("[T9] writes what waits when it is closed", async () => {
    const store = open();
    store.write(record("a"));
    await store[Symbol.asyncDispose]();
    expect(rows()).toBe(1);
    store.write(record("late"));
    expect(store.dropped).toBe(1);
    await expect(store.query({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("[T9] drops and counts what the disk refuses, tells why, and goes on", async () => {
    await using store = open();
    const blocker = new DatabaseSync(join(dir, "logs.db"));
    blocker.exec("CREATE TRIGGER refuse BEFORE INSERT ON record BEGIN SELECT raise(FAIL, 'disk full'); END");
    store.write(record("lost", { level: "error" }));
    expect(store.dropped).toBe(1);
    expect(errors).toHaveLength(1);
    blocker.exec("DROP TRIGGER refuse");
    blocker.close();
    store.write(record("kept"));
    expect(await messages(store)).toEqual(["kept"]);
  });

  function rows(): number {
    const database = new DatabaseSync(join(dir, "logs.db"), { readOnly: true });
    const count = Number(database.prepare("SELECT count(*) AS count FROM record").get()?.["count"]);
    database.close();
    return count;
  }
});

describe("rotation", () => {
  it("[T10] closes a file that grew to its size, keeps so many, and reads across them", async () => {
    await using store = open({ maxFileBytes: 100_000, maxFiles: 2 });
    for (let index = 0; index < 50; index++) {
      for (let item = 0; item < 10; item++) store.write(record(`${index}.${item} ${"x".repeat(800)}`));
      await store.flush();
    }
    const closed = readdirSync(dir).filter((name) => name.startsWith("logs-"));
    expect(closed).toHaveLength(2);
    const total = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    expect(total).toBeLessThan(1_000_000);
    const kept = await store.query({ limit: 10_000 });
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.map(({ seq }) => seq)).toEqual(Array.from(kept, (_, index) => 500 - kept.length + 1 + index));
  });

  it("[T10] closes a file each day and deletes files older than retention", async () => {
    await using store = open({ maxAgeMs: 3 * DAY_MS, maxFiles: 100 });
    for (let day = 0; day < 6; day++) {
      store.write(record(`day ${day}`));
      await store.flush();
      nowMs += DAY_MS;
    }
    store.write(record("last"));
    expect(await messages(store)).toEqual(["day 2", "day 3", "day 4", "day 5", "last"]);
  });

  it("[T10] goes on numbering where the closed files end", async () => {
    const store = open();
    store.write(record("a"));
    await store.flush();
    nowMs += 2 * DAY_MS;
    store.write(record("b"));
    await store[Symbol.asyncDispose]();
    expect(readdirSync(dir).filter((name) => name.startsWith("logs-"))).toHaveLength(1);
    await using again = open();
    again.write(record("c"));
    expect((await again.query({})).map(({ seq, message }) => `${seq} ${message}`)).toEqual(["1 a", "2 b", "3 c"]);
  });
});

describe("files that are not as they should be", () => {
  it("[T11] moves a damaged file aside and begins anew", async () => {
    writeFileSync(join(dir, "logs.db"), "this is no database, though it is long enough to look like one".repeat(20), { mode: 0o600 });
    await using store = open();
    store.write(record("fresh"));
    expect(await messages(store)).toEqual(["fresh"]);
    const [aside = ""] = readdirSync(dir).filter((name) => name.includes("damaged"));
    expect(readFileSync(join(dir, aside), "utf8")).toContain("this is no database");
  });

  it("[T11] refuses a file of a newer version", async () => {
    await open()[Symbol.asyncDispose]();
    const database = new DatabaseSync(join(dir, "logs.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => open()).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
  });

  it("[T11] says UNAVAILABLE when the folder cannot be used", () => {
    const file = join(dir, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    expect(() => open({ dir: join(file, "logs") })).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
  });
});

describe("following", () => {
  it("[T12] gives the history, then every new record that fits, without gap or repetition", async () => {
    await using store = open();
    const stop = new AbortController();
    for (let index = 0; index < 3; index++) store.write(record(`old ${index}`, { plan_id: "p" }));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { message } of store.follow({ plan_id: "p", limit: 2 }, stop.signal)) {
        seen.push(message);
        if (message === "old 2") store.write(record("while reading", { plan_id: "p", level: "error" }));
        if (message === "while reading") {
          store.write(record("other", { plan_id: "q", level: "error" }));
          store.write(record("new", { plan_id: "p", level: "error" }));
        }
        if (message === "new") stop.abort();
      }
    })();
    await reading;
    expect(seen).toEqual(["old 1", "old 2", "while reading", "new"]);
  });

  it("[T12] pages through everything behind a number before it goes live", async () => {
    await using store = open();
    const stop = new AbortController();
    for (let index = 1; index <= 7; index++) store.write(record(String(index)));
    const seen: string[] = [];
    for await (const { message } of store.follow({ after: 2, limit: 2 }, stop.signal)) {
      seen.push(message);
      if (message === "7") store.write(record("8", { level: "error" }));
      if (message === "8") stop.abort();
    }
    expect(seen).toEqual(["3", "4", "5", "6", "7", "8"]);
  });

  it("[T12] ends when the signal aborts or the log is closed", async () => {
    const store = open();
    const stop = new AbortController();
    const collect = async (signal: AbortSignal) => {
      const all: string[] = [];
      for await (const { message } of store.follow({}, signal)) all.push(message);
      return all;
    };
    const aborted = collect(stop.signal);
    const closed = collect(new AbortController().signal);
    stop.abort();
    expect(await aborted).toEqual([]);
    await store[Symbol.asyncDispose]();
    expect(await closed).toEqual([]);
  });
});
