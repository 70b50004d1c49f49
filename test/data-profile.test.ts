// The playbook data-profile from end to end: over REST on a data set made by script, held against SQL; and with a worker that lies.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { writeParcels } from "./support/data-set.fixture.ts";
import { inProcessNode } from "./support/in-process-node.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { artifactNamed, ended, eventsOf, outputOf, plan, run, step, submit, taskOf, until } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

const LYING = new URL("./planted/lying-profile-worker.ts", import.meta.url);

interface Column {
  readonly name: string;
  readonly type: string;
  readonly missing: number;
  readonly distinct: number;
  readonly min: unknown;
  readonly max: unknown;
  readonly mean: number | null;
}

interface Report {
  readonly rows: number;
  readonly duplicate_rows: number;
  readonly columns: readonly Column[];
  readonly provenance: Readonly<
    Record<string, { readonly task: string; readonly checked_by?: { readonly task: string; readonly agrees: boolean } }>
  >;
}

test("data-profile over REST says what SQL says of the values, and shows it", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const path = join(folder.path, "parcels.csv");
  const truth = writeParcels(path, 800);
  const view = await ended(node, (await submit(node, { playbook: "data-profile", params: { path } }, path)).plan_id);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  const report = JSON.parse((await artifactNamed(node, view.plan.plan_id, "report.json")).toString()) as Report;
  expect([report.rows, report.duplicate_rows]).toEqual([truth.rows, truth.duplicates]);
  for (const [index, column] of truth.columns.entries()) {
    const { name, type, missing, distinct, min, max, mean } = report.columns[index] ?? ({} as Column);
    const { mean: exact, ...rest } = column;
    expect({ name, type, missing, distinct, min, max }).toEqual(rest);
    if (exact === null) expect(mean).toBeNull();
    else expect(mean).toBeCloseTo(exact, 9);
  }
  const tasks = view.tasks.map(({ task_id: id }) => id);
  for (const { task, checked_by: check } of Object.values(report.provenance)) {
    expect(tasks).toContain(task);
    if (check !== undefined) expect(check).toMatchObject({ task: "recount", agrees: true });
  }
  const page = (await artifactNamed(node, view.plan.plan_id, "report.html")).toString();
  expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(5);
  expect(page).not.toMatch(/<script|https?:\/\/[^\s"']+\.(?:js|css)/i);
  expect((await artifactNamed(node, view.plan.plan_id, "report.md")).toString()).toContain("## Columns");
});

test("a broken data set fails with its reason, a ragged one is reported with its lines, and a query joins two", async () => {
  await using folder = await temporaryFolder();
  await using node = await runningNode();
  const [broken, ragged] = [join(folder.path, "broken.csv.gz"), join(folder.path, "ragged.csv")];
  writeFileSync(broken, gzipSync("a,b\n1,2\n".repeat(1000)).subarray(0, 40));
  writeFileSync(ragged, "a,b\n1,2\n3\n4,5,6\n");
  const steps = [
    step("bad", "data.profile", { path: broken }, { retry: { max_attempts: 1 }, depends_on: ["ok", "joined"] }),
    step("ok", "data.profile", { path: ragged }),
    step("joined", "data.query", {
      tables: [
        { name: "one", path: ragged },
        { name: "two", path: ragged },
      ],
      sql: "SELECT count(*) AS n FROM one CROSS JOIN two",
    }),
  ];
  const view = await run(node, plan(steps), folder.path);
  expect(taskOf(view, "bad")).toMatchObject({ status: "failed", error: { code: "BAD_REQUEST" } });
  const planId = view.plan.plan_id;
  expect(await outputOf(node, planId, "ok")).toMatchObject({ rows: 3, faults: { short_row: 1, long_row: 1 } });
  expect(await outputOf(node, planId, "joined")).toMatchObject({ rows: [{ n: 9 }] });
});

test("a profile with a sum that is one too large is rejected by SQL's count, done again, then handed to a person", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "parcels.csv");
  writeParcels(path, 200);
  await using node = await inProcessNode({ worker: LYING });
  const { plan_id } = await submit(node, { playbook: "data-profile", params: { path } }, path);
  await until(node, plan_id, (found) => found.inputs.some(({ status }) => status === "open"));
  const decided = (await eventsOf(node, plan_id)).filter(({ type }) => type === "review.decided").map(({ payload }) => payload as Decided);
  const ofProfile = decided.filter(({ task_id }) => task_id === "profile");
  expect(ofProfile.length).toBeGreaterThanOrEqual(2);
  expect(ofProfile.every(({ verdict }) => !verdict.accepted)).toBe(true);
  expect(ofProfile.at(-1)?.next).toBe("ask");
  expect(JSON.stringify(ofProfile)).toContain("same_sums");
  expect(JSON.stringify(ofProfile)).not.toContain("same_missing");
});

interface Decided {
  readonly task_id: string;
  readonly next: string;
  readonly verdict: { readonly accepted: boolean };
}
