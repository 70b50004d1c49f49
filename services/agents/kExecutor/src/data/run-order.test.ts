// The process that reads data, as it really is: started, limited, ended.

import { isKosError } from "@kos/klp";
import { describe, expect, test } from "vitest";
import { call } from "../testing/call.fixture.ts";
import { PROCESS_PROGRAM } from "../testing/data-call.fixture.ts";
import { delimited, peopleData } from "../testing/data-set.fixture.ts";
import { temporaryTree } from "../testing/temporary-tree.fixture.ts";
import { testContext } from "../testing/test-context.fixture.ts";
import type { DataOrder } from "./data-order.ts";
import { dataProfile } from "./data-profile.ts";
import { dataQuery } from "./data-query.ts";
import { type DataProgram, processRunner } from "./run-order.ts";

const ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
/** Sixteen texts of 60 MB each in one row. */
const GREEDY = `SELECT ${Array.from({ length: 16 }, (_, index) => `hex(zeroblob(30000000)) AS c${index}`).join(", ")}`;
/** Keeps more than fits into memory. */
const SPILLING =
  "WITH RECURSIVE c(x) AS (SELECT randomblob(10000) UNION ALL SELECT randomblob(10000) FROM c LIMIT 30000) SELECT count(*) FROM (SELECT DISTINCT x FROM c)";

async function ask(
  sql: string,
  options: { readonly signal?: AbortSignal; readonly seconds?: number; readonly limits?: DataProgram["limits"] } = {},
) {
  using tree = temporaryTree();
  tree.write("a.csv", "a\n1\n");
  const run = processRunner({ ...PROCESS_PROGRAM, ...(options.limits && { limits: options.limits }) });
  const context = testContext({ fsRoots: [tree.path], ...(options.signal && { signal: options.signal }) });
  return await call(dataQuery(run), { path: `${tree.path}/a.csv`, sql, max_seconds: options.seconds ?? 60 }, context);
}

const MIB = 1_048_576;

/** What a reader that an attacker has taken over would try. The folder that it tries to reach comes as the name of the source. */
const PROBE = `
import * as fs from "node:fs";
const came = {};
const attempt = async (name, run) => {
  try { await run(); came[name] = "allowed"; } catch (error) { came[name] = error.code ?? error.name; }
};
process.once("message", async ({ order: { source: { name: folder } } }) => {
  await attempt("its own code", () => fs.readFileSync(new URL(import.meta.url)));
  await attempt("a file", () => fs.readFileSync(folder + "/a.csv"));
  await attempt("a new file", () => fs.writeFileSync(folder + "/new", ""));
  await attempt("a database", () => new (process.getBuiltinModule("node:sqlite").DatabaseSync)(folder + "/new.db").exec("CREATE TABLE t (a)"));
  await attempt("a program", async () => (await import("node:child_process")).execFileSync("/bin/true"));
  await attempt("a connection", async () => {
    const socket = (await import("node:net")).connect(1021, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("error", reject).once("connect", resolve));
  });
  await attempt("code from a text", () => Function("return 1")());
  process.send({ say: "done", value: came }, () => process.disconnect());
});
process.send({ say: "ready" });
`;

describe("the process that reads data", { timeout: 180_000 }, () => {
  test("answers like the work it does, and has artifacts fed to it", async () => {
    using tree = temporaryTree();
    const people = peopleData(2000);
    tree.write("p.csv", delimited(people));
    const context = testContext({ fsRoots: [tree.path] });
    const run = processRunner(PROCESS_PROGRAM);
    const fromFile = await call(dataProfile(run), { path: `${tree.path}/p.csv` }, context);
    const artifact = await context.artifacts.put({ name: "p", media_type: "text/csv", content: delimited(people) });
    const fromArtifact = await call(dataProfile(run), { artifact: artifact.hash }, context);
    expect(fromFile.rows).toBe(people.rows.length);
    expect(fromArtifact.columns).toEqual(fromFile.columns);
    const large = await call(dataQuery(run), { path: `${tree.path}/p.csv`, sql: "SELECT * FROM data", limit: 1 }, context);
    expect(context.textOf("result.csv").split("\n")[0]).toBe(people.columns.join(","));
    expect(large.row_count).toBe(people.rows.length);
  });

  test("profiles 120,000 rows, a third of which are new in every column, in 400 MiB, and tells how far it is", async () => {
    using tree = temporaryTree();
    const line = (id: number) => `${id},"name ${id}",${(id * 7919) % 100_003},${id % 3 === 0 ? id : ""},${id % 40}\n`;
    tree.write("long.csv", `id,name,number,third,group\n${Array.from({ length: 120_000 }, (_, id) => line(id)).join("")}`);
    const context = testContext({ fsRoots: [tree.path] });
    const run = processRunner({ ...PROCESS_PROGRAM, limits: { memoryBytes: 400 * MIB, diskBytes: MIB } });
    const output = await call(dataProfile(run), { path: `${tree.path}/long.csv` }, context);
    expect(output.rows).toBe(120_000);
    expect(output.columns.map(({ distinct }) => distinct)).toEqual([120_000, 120_000, 100_003, 40_000, 40]);
    expect(output.columns.every(({ distinct_exact: exact }) => exact)).toBe(true);
    expect(context.reported.length).toBeGreaterThanOrEqual(2);
    expect(context.reported.every(({ fraction }) => fraction !== undefined && fraction > 0 && fraction <= 1)).toBe(true);
  });

  test("ends a query that does not, and says that time was the reason", async () => {
    await expect(ask(ENDLESS, { seconds: 1 })).rejects.toSatisfy(
      (error) =>
        isKosError(error, "RESOURCE_LIMIT_EXCEEDED") &&
        error.details?.["limit"] === "time" &&
        !error.retryable &&
        /1 seconds/.test(error.message),
    );
  });

  test("ends a query that takes too much memory", async () => {
    await expect(ask(GREEDY, { limits: { memoryBytes: 256 * MIB, diskBytes: 1024 * MIB } })).rejects.toSatisfy(
      (error) => isKosError(error, "RESOURCE_LIMIT_EXCEEDED") && error.details?.["limit"] === "memory",
    );
  });

  test.runIf(process.platform === "linux")("ends a query that fills the disk", async () => {
    await expect(ask(SPILLING, { limits: { memoryBytes: 1024 * MIB, diskBytes: 16 * MIB } })).rejects.toSatisfy(
      (error) => isKosError(error, "RESOURCE_LIMIT_EXCEEDED") && error.details?.["limit"] === "disk",
    );
  });

  test("ends at once when the call is cancelled, while SQLite does not come back", async () => {
    const abort = new AbortController();
    const asked = ask(ENDLESS, { signal: abort.signal });
    abort.abort();
    await expect(asked).rejects.toSatisfy((error) => isKosError(error, "CANCELLED"));
  });

  test("a profile's process can open no file, no database, no connection and start nothing", async () => {
    using tree = temporaryTree();
    tree.write("code/probe.mjs", PROBE);
    tree.write("secret/a.csv", "a\n1\n");
    const run = processRunner({ runtime: process.execPath, entry: `${tree.path}/code/probe.mjs` });
    const source = { name: `${tree.path}/secret`, descriptor: 0, kind: "file", bytes: 0, max_bytes: 0, options: {} } as const;
    const order: DataOrder = { task: "profile", key: [0, 0], top_values: 1, source };
    const { value } = await run([], () => order, testContext());
    expect(value).toEqual({
      "its own code": "allowed",
      "a file": "ERR_ACCESS_DENIED",
      "a new file": "ERR_ACCESS_DENIED",
      "a database": "TypeError",
      "a program": "ERR_ACCESS_DENIED",
      "a connection": "ERR_ACCESS_DENIED",
      "code from a text": "EvalError",
    });
  });

  test("is told apart from one that could not be started", async () => {
    const run = processRunner({ runtime: process.execPath, entry: "/nowhere/data.js" });
    using tree = temporaryTree();
    tree.write("a.csv", "a\n1\n");
    const asked = call(dataProfile(run), { path: `${tree.path}/a.csv` }, testContext({ fsRoots: [tree.path] }));
    await expect(asked).rejects.toSatisfy((error) => isKosError(error, "INTERNAL") && !error.message.includes("nowhere"));
  });
});
