// The demonstration as a person starts it: everything that it shows has happened.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

test("kai demo makes a plan, kills a process in the middle of it, compares the report with what it made, proves the run, and leaves nothing behind", {
  timeout: 240_000,
}, async () => {
  await using folder = await temporaryFolder();
  const out = join(folder.path, "report");
  const result = await kai(["demo", "--json", "--out", out], {
    data: join(folder.path, "data"),
    env: { TMPDIR: folder.path },
  });
  const steps = new Map(result.json.filter(({ event }) => event === "step").map((step) => [step["step"], step]));
  expect([...steps.keys()], result.stderr).toEqual(["files", "node", "plan", "approval", "run", "report", "proof"]);
  expect(steps.get("run")).toMatchObject({ status: "succeeded", killed: true, repeated: [] });
  expect(steps.get("run")?.["lost"]).not.toEqual([]);
  const checks = steps.get("report")?.["checks"] as readonly { readonly found: number; readonly expected: number }[];
  expect(checks.map(({ found }) => found)).toEqual(checks.map(({ expected }) => expected));
  expect(steps.get("proof")).toMatchObject({ ok: true, spoilt_ok: false });
  expect(result.json.at(-1)).toMatchObject({ event: "result", passed: true });
  expect(result.code).toBe(0);
  expect(readdirSync(out).sort()).toContain("report.html");
  // Neither its own folder nor the person's data folder is left or made.
  expect(readdirSync(folder.path)).toEqual(["report"]);
  expect(existsSync(join(folder.path, "data"))).toBe(false);
});
