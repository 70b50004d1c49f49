// What must survive: accepted means on disk, one key is one plan, a drained end, a damaged byte noticed, a poison task that stops nobody.
// needs: strace

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { bundles } from "./support/bundles.fixture.ts";
import { startChild } from "./support/child.fixture.ts";
import { kai } from "./support/kai.fixture.ts";
import { type Door, openDoor, runningNode } from "./support/node.fixture.ts";
import { outside } from "./support/outside.fixture.ts";
import { artifactNamed, ended, eventsOf, plan, refusal, run, step, submit, submitPlan, until, write } from "./support/plan.fixture.ts";
import { temporaryFolder } from "./support/temporary-folder.fixture.ts";

test("[R110] what was acknowledged is there after the node is killed at that very moment, and the store syncs every commit", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using node = await runningNode({ data });
    // The answers come one by one; the first of them is the moment.
    const answers = Array.from({ length: 20 }, (_, place) =>
      submitPlan(node, plan([step("wait", "flow.sleep", { ms: 300_000 + place })])).then(({ plan_id }) => plan_id),
    );
    acknowledged.push(await Promise.race(answers));
    node.child.kill("SIGKILL");
    for (const answer of await Promise.allSettled(answers)) if (answer.status === "fulfilled") acknowledged.push(answer.value);
    await node.child.ended;
  }
  await using node = await runningNode({ data });
  for (const plan_id of new Set(acknowledged)) {
    const view = await node.client.call("plan", { params: { plan_id } });
    expect(view.plan.status).toBe("running");
  }
  expect((await node.client.call("verifyAudit", {})).ok).toBe(true);
});

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

test.skipIf(missing.includes("strace"))(
  "[R110] no plan is acknowledged before the disk was told to sync, and the file is whole",
  async () => {
    const built = await bundles();
    await using folder = await temporaryFolder();
    const [data, calls] = [join(folder.path, "data"), join(folder.path, "calls")];
    await using traced = startChild("strace", [
      "-f",
      "-qq",
      "-e",
      "trace=fdatasync,fsync",
      "-o",
      calls,
      built.runtime,
      built.node,
      "--data",
      data,
      "--port",
      "0",
      "--announce",
      "json",
    ]);
    const ready = await traced.line((line) => JSON.parse(line) as { url: string; pid: number });
    try {
      const node = await openDoor(ready.url, data);
      const syncs = () =>
        readFileSync(calls, "utf8")
          .split("\n")
          .filter((line) => /f(data)?sync\(\d+\) += 0|resumed.* = 0/.test(line)).length;
      for (let round = 0; round < 5; round += 1) {
        const before = syncs();
        await submitPlan(node, plan([step("wait", "flow.sleep", { ms: 600_000 })]));
        expect(syncs()).toBeGreaterThan(before);
      }
    } finally {
      process.kill(ready.pid, "SIGTERM");
      await traced.ended;
    }
    const database = new DatabaseSync(join(data, "kos.db"), { readOnly: true });
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    database.close();
  },
);

test("[R112] one Idempotency-Key a hundred times at once is one plan; another body under it is refused", async () => {
  await using node = await runningNode();
  const body = { plan: plan([write("only", 1)]) };
  const key = "the-same-key";
  const answers = await Promise.all(Array.from({ length: 100 }, () => node.client.call("submit", { body }, { idempotencyKey: key })));
  expect(new Set(answers.map(({ plan_id }) => plan_id)).size).toBe(1);
  const other = { plan: plan([write("only", 2)]) };
  expect((await refusal(node.client.call("submit", { body: other }, { idempotencyKey: key }))).code).toBe("CONFLICT");
  await node.crash();
  await using again = await runningNode({ data: node.data });
  const late = await again.client.call("submit", { body }, { idempotencyKey: key });
  expect(late.plan_id).toBe(answers[0]?.plan_id);
  expect((await again.client.call("plans", { query: {} })).items).toHaveLength(1);
});

test("[R118] a task that always fails is given up after its attempts; other plans flow meanwhile", async () => {
  await using server = await outside((request, response) => {
    if (request.path === "/poison") response.statusCode = 503;
    response.end("{}");
  });
  await using node = await runningNode({ env: { KOS_EGRESS__ALLOW_HOSTS: server.address } });
  const poison = step(
    "poison",
    "http.request",
    { url: `${server.url}/poison`, expect_status: [200] },
    { retry: { max_attempts: 4, backoff_ms: 20, max_backoff_ms: 20 } },
  );
  const accepted = await submitPlan(node, plan([poison]));
  const others = await Promise.all(Array.from({ length: 8 }, (_, place) => run(node, plan([write("a", place)]))));
  expect(others.every((view) => view.plan.status === "succeeded")).toBe(true);
  const view = await ended(node, accepted.plan_id);
  expect(view.plan.status).toBe("failed");
  expect(server.arrived).toHaveLength(4);
});

test("[R120] SIGTERM drains and ends with 0 well before it would be cut off; a client goes on from its seq without a gap", async () => {
  await using node = await runningNode();
  const tasks = Array.from({ length: 12 }, (_, place) =>
    step(
      `t${place}`,
      place % 3 === 0 ? "flow.sleep" : "artifact.put",
      place % 3 === 0 ? { ms: 60 } : { name: `${place}`, media_type: "application/json", json: place },
      place === 0 ? {} : { depends_on: [`t${place - 1}`] },
    ),
  );
  const { plan_id } = await submitPlan(node, plan(tasks));
  const seen: number[] = [];
  const cursor = await watch(node, plan_id, undefined, seen, (seqs) => seqs.length >= 8);
  const end = await node.stop();
  expect(end).toEqual({ code: 0, signal: null });
  await using again = await runningNode({ data: node.data });
  await ended(again, plan_id);
  const last = (await again.client.call("plan", { params: { plan_id } })).seq;
  await watch(again, plan_id, cursor, seen, (seqs) => seqs.at(-1) === last);
  expect(seen).toEqual(Array.from({ length: last }, (_, place) => place + 1));
});

/** Collects the seqs of durable frames until there are enough; answers with the cursor of the last one. */
async function watch(
  door: Door,
  planId: string,
  since: string | undefined,
  seen: number[],
  enough: (seqs: readonly number[]) => boolean,
): Promise<string | undefined> {
  const stop = new AbortController();
  let cursor = since;
  for await (const frame of door.frames([`plan:${planId}`], stop.signal, since)) {
    if (frame.seq === undefined) continue;
    seen.push(frame.seq);
    cursor = frame.cursor;
    if (!enough(seen)) continue;
    stop.abort();
    return cursor;
  }
  throw new Error("the frames have ended");
}

test("[R124] a byte flipped in an artifact's file is found when it is read, and the artifact is not handed out", async () => {
  await using node = await runningNode();
  const view = await run(node, plan([write("kept", { text: "x".repeat(2000) })]));
  const good = await artifactNamed(node, view.plan.plan_id, "kept.json");
  const file = filesBelow(join(node.data, "blobs")).find((path) => readFileSync(path).equals(good)) ?? "";
  const bytes = readFileSync(file);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const read = artifactNamed(node, view.plan.plan_id, "kept.json");
  await expect(read).rejects.toThrow();
  expect((await run(node, plan([write("other", 1)]))).plan.status).toBe("succeeded");
});

test("[R124] [R62] a byte flipped in the log is found: audit verify names the event with exit code 1, and the plan is not served", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const first = await runningNode({ data });
  const view = await run(first, plan([write("a", { text: "original" })]));
  const good = await kai(["audit", "verify"], { data });
  expect(good.code, good.stdout + good.stderr).toBe(0);
  await first.stop();
  await first[Symbol.asyncDispose]();
  const database = new DatabaseSync(join(data, "kos.db"));
  const changed = database
    .prepare("UPDATE log_event SET payload = replace(payload, 'original', 'Original') WHERE payload LIKE '%original%'")
    .run();
  database.close();
  expect(changed.changes).toBeGreaterThan(0);
  await using again = await runningNode({ data });
  const report = await again.client.call("verifyAudit", {});
  expect(report.ok).toBe(false);
  expect(report.partitions[0]).toMatchObject({ ok: false, first_bad: 0, plan_id: view.plan.plan_id });
  const said = await kai(["audit", "verify"], { data });
  expect(said.code).toBe(1);
  const served = await refusal(eventsOf(again, view.plan.plan_id));
  expect(served.code).toBe("INTERNAL");
  expect((await run(again, plan([write("b", 1)]))).plan.status).toBe("succeeded");
});

test("a plan goes on after the node was killed in the middle of it, and nothing finished is run again", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const first = await runningNode({ data });
  const chain = Array.from({ length: 10 }, (_, place) => write(`t${place}`, place, place === 0 ? {} : { depends_on: [`t${place - 1}`] }));
  const { plan_id } = await submitPlan(first, plan([...chain, step("wait", "flow.sleep", { ms: 700 }, { depends_on: ["t4"] })]));
  await until(first, plan_id, (view) => view.tasks.filter(({ status }) => status === "succeeded").length >= 4);
  await first.crash();
  await first[Symbol.asyncDispose]();
  await using second = await runningNode({ data });
  expect((await ended(second, plan_id)).plan.status).toBe("succeeded");
  const done = new Set<string>();
  for (const { type, payload } of await eventsOf(second, plan_id)) {
    const { task_id } = payload as { task_id?: string };
    if (type === "task.dispatched") expect(done, `${task_id} ran again`).not.toContain(task_id);
    if (type === "task.succeeded") done.add(task_id ?? "");
  }
  expect((await openDoor(second.url, data)).token).toBe(first.token);
});

test("[R3] the first start makes a token of at least 128 bits, which a rotation ends at once", async () => {
  await using node = await runningNode();
  expect(Buffer.from(node.token.replace(/^kos_owner_/, ""), "base64url").length).toBeGreaterThanOrEqual(16);
  await node.client.call("rotateToken", {});
  expect((await refusal(node.client.call("status", {}))).code).toBe("UNAUTHORIZED");
  const again = await openDoor(node.url, node.data);
  expect((await again.client.call("status", {})).node.did).toBe(node.did);
  const link = await kai(["login-link"], { data: node.data });
  const ticket = /#ticket=([\w-]+)/.exec(link.stdout)?.[1] ?? "";
  const exchanged = await node.client.call("exchangeTicket", { body: { ticket } });
  expect(exchanged.token).not.toBe("");
  expect((await refusal(node.client.call("exchangeTicket", { body: { ticket } }))).code).toBe("UNAUTHORIZED");
});

test("a submission with a budget of the wrong shape changes nothing", async () => {
  await using node = await runningNode();
  expect((await refusal(submit(node, { plan: plan([write("a", 1)]), budget: { attempts: 0 } }))).code).toBe("BAD_REQUEST");
  expect((await node.client.call("plans", { query: {} })).items).toEqual([]);
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
