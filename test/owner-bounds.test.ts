// What the owner bounds in the configuration, at the door of a whole node: open plans, agents, folders, uploads.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { runningNode } from "./support/node.fixture.ts";
import { ended, outputOf, plan, refusal, step, submitPlan, taskOf } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

test("[R117] beyond limits.open_plans a plan is refused with Retry-After until one has ended; a switched-off agent's work is nobody's", async () => {
  await using node = await runningNode({ env: { KOS_LIMITS__OPEN_PLANS: "1", KOS_AGENTS__KBRIDGE__HTTP__ENABLED: "false" } });
  const away = await refusal(submitPlan(node, plan([step("send", "http.request", { url: "http://127.0.0.1:1/" })])));
  expect(away.code).toBe("UNKNOWN_CAPABILITY");
  const { plan_id } = await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 3_600_000 })]));
  const body = JSON.stringify({ plan: plan([step("other", "flow.sleep", { ms: 1 })]) });
  const headers = { authorization: `Bearer ${node.token}`, "content-type": "application/json" };
  const full = await fetch(`${node.url}/agent/task`, { method: "POST", headers, body });
  expect([full.status, full.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await full.json()).toMatchObject({ code: "UNAVAILABLE", detail: expect.stringContaining("limits.open_plans") });
  await node.client.call("cancelPlan", { params: { plan_id }, body: {} });
  await ended(node, plan_id);
  expect((await fetch(`${node.url}/agent/task`, { method: "POST", headers, body })).status).toBe(202);
});

test("[R117] limits.plan_tasks bounds a plan, and limits.requests_per_s one caller", async () => {
  await using node = await runningNode({ env: { KOS_LIMITS__PLAN_TASKS: "2", KOS_LIMITS__REQUESTS_PER_S: "2" } });
  const steps = ["a", "b", "c"].map((id) => step(id, "flow.sleep", { ms: 1 }));
  const tooMany = await refusal(submitPlan(node, plan(steps)));
  expect([tooMany.code, JSON.stringify(tooMany.details)]).toEqual(["TOO_LARGE", expect.stringContaining("at most 2 are allowed")]);
  expect((await ended(node, (await submitPlan(node, plan(steps.slice(0, 2)))).plan_id)).plan.status).toBe("succeeded");
  const headers = { authorization: `Bearer ${node.token}` };
  const answers = await Promise.all(Array.from({ length: 30 }, async () => (await fetch(`${node.url}/agent/status`, { headers })).status));
  expect(new Set(answers)).toContain(429);
});

test("a folder of fs.roots that is not there is left out: the others are read, it is not, and log and doctor name it", async () => {
  await using folder = await temporaryFolder();
  const [here, gone] = [join(folder.path, "here"), join(folder.path, "gone")];
  mkdirSync(here);
  for (const name of ["here/a.txt", "b.txt"]) writeFileSync(join(folder.path, name), "text");
  await using node = await runningNode({ env: { KOS_FS__ROOTS: `${here},${gone}` } });
  const read = (id: string, path: string) => step(id, "doc.extract", { path }, { retry: { max_attempts: 1 } });
  const { plan_id } = await submitPlan(node, plan([read("a", join(here, "a.txt"))]));
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
  expect(await outputOf(node, plan_id, "a")).toMatchObject({ text: expect.stringContaining("text") });
  for (const path of [join(folder.path, "b.txt"), join(gone, "b.txt")]) {
    const refused = await submitPlan(node, plan([read("b", path)]));
    expect(taskOf(await ended(node, refused.plan_id), "b").error?.code).toBe("FORBIDDEN");
  }
  const { items } = await node.client.call("logs", { query: { level: "warn" } });
  expect(items.filter(({ message }) => message.includes("fs.roots")).map(({ fields }) => fields?.["path"])).toEqual([gone]);
  const doctor = await kai(["doctor"], { data: node.data, cwd: folder.path });
  expect(doctor.stdout).toContain(`cannot be reached: ${gone}`);
});

test("[R93] uploads that belong to no plan stay within limits.artifact_quota_bytes together", async () => {
  await using node = await runningNode({ env: { KOS_LIMITS__ARTIFACT_QUOTA_BYTES: "1000" } });
  const upload = (name: string, bytes: number) =>
    fetch(`${node.url}/artifact/upload?name=${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${node.token}`, "content-type": "text/plain" },
      body: "x".repeat(bytes),
    });
  expect((await upload("first.txt", 600)).status).toBe(201);
  const beyond = await upload("second.txt", 600);
  expect(beyond.status).toBe(413);
  expect(await beyond.json()).toMatchObject({ code: "TOO_LARGE", details: { quota_bytes: 1000 } });
  expect((await upload("third.txt", 400)).status).toBe(201);
  const { items } = await node.client.call("searchArtifacts", { query: { limit: 100 } });
  expect(items.map(({ name }) => name).sort()).toEqual(["first.txt", "third.txt"]);
});
