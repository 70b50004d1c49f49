// What bad input gets: an error with a code, the place, what was expected and a hint; nothing half-written; and the node goes on.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bundles } from "./support/bundles.fixture.ts";
import { kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode, startNode } from "./support/node.fixture.ts";
import { ended, plan, refusal, run, step, submit, submitPlan, succeeded, taskOf, write } from "./support/plan.fixture.ts";
import { put } from "./support/repository.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.fixture.ts";

let node: RunningNode;
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
  node = await runningNode();
});

afterEach(async () => {
  // The node goes on.
  succeeded(await run(node, plan([write("after", 1)])));
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Finding {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

async function findingsOf(body: Record<string, unknown>): Promise<{ readonly code: string; readonly findings: readonly Finding[] }> {
  const before = (await node.client.call("plans", { query: { limit: 1 } })).items[0]?.plan_id;
  const { code, details } = await refusal(submit(node, body));
  const after = (await node.client.call("plans", { query: { limit: 1 } })).items[0]?.plan_id;
  expect(after).toBe(before);
  return { code, findings: (details["findings"] ?? []) as readonly Finding[] };
}

test("a plan that is no plan, has a cycle, names what is not there or does not fit is refused with every place and a hint", async () => {
  const cases: readonly [unknown, string][] = [
    [{ tasks: "many" }, "SHAPE"],
    [plan([]), "SHAPE"],
    [plan([{ task_id: "1 bad", capability: "artifact.put", params: {}, depends_on: [] }]), "SHAPE"],
    [plan([write("twice", 1), write("twice", 2)]), "DUPLICATE_ID"],
    [plan([write("a", 1, { depends_on: ["b"] }), write("b", 1, { depends_on: ["a"] })]), "CYCLE"],
    [plan([step("a", "no.such", {})]), "UNKNOWN_CAPABILITY"],
    [plan([write("a", "${nobody.output}")]), "UNKNOWN_TASK"],
    [plan([write("a", "${b.nothing}"), step("b", "http.request", { url: "http://example.org" })]), "NO_SUCH_OUTPUT"],
    [plan([step("a", "flow.sleep", { ms: "soon" })]), "BAD_PARAM"],
    [plan([write("a", 1, { when: "1 +" })]), "BAD_EXPRESSION"],
    [plan([write("a", "${")]), "BAD_REFERENCE"],
  ];
  for (const [graph, finding] of cases) {
    const { code, findings } = await findingsOf({ plan: graph }).catch((error: unknown) => {
      throw new Error(finding, { cause: error });
    });
    expect(code, finding).toMatch(/BAD_REQUEST|UNKNOWN_CAPABILITY/);
    const found = findings.find((one) => one.code === finding);
    expect(found, `${finding} in ${JSON.stringify(findings).slice(0, 400)}`).toBeDefined();
    expect(found?.path).toMatch(/^\$/);
    expect(found?.message.length).toBeGreaterThan(10);
  }
});

test("a body that is no JSON, too large, of another type or with unknown members is refused by its code", async () => {
  const post = (body: string, type = "application/json") =>
    fetch(`${node.url}/agent/task`, { method: "POST", body, headers: { authorization: `Bearer ${node.token}`, "content-type": type } });
  const said = async (response: Response) => ({ status: response.status, code: ((await response.json()) as { code: string }).code });
  expect(await said(await post("{"))).toEqual({ status: 400, code: "BAD_REQUEST" });
  expect(await said(await post('{"plan":{},"plan":{}}'))).toMatchObject({ status: 400 });
  expect(await said(await post('{"unheard":1}'))).toMatchObject({ status: 400 });
  expect((await post("{}", "text/plain")).status).toBe(415);
  expect(await refusedEarly(9 * 1024 * 1024)).toBe(413);
});

/** A body over the limit is refused before it has arrived; who still writes then may find the connection closed. */
async function refusedEarly(bytes: number): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${node.token}`, "content-type": "application/json", "content-length": `${bytes}` };
  const answer = Promise.withResolvers<number | undefined>();
  const sent = request(`${node.url}/agent/task`, { method: "POST", headers }, (response) => {
    response.resume();
    answer.resolve(response.statusCode);
  });
  sent.once("error", answer.reject);
  sent.flushHeaders();
  try {
    return await answer.promise;
  } finally {
    sent.destroy();
  }
}

test("wrong parameters of a playbook are named one by one", async () => {
  const { code, findings } = await findingsOf({ playbook: "repo-report", params: { max_files: "lots", surprise: 1 } });
  expect(code).toBe("BAD_REQUEST");
  const said = JSON.stringify(findings) + JSON.stringify(await refusal(submit(node, { playbook: "repo-report", params: { surprise: 1 } })));
  expect(said).toMatch(/path/);
  expect(said).toMatch(/surprise/);
  expect((await refusal(submit(node, { playbook: "no-such-book", params: {} }))).code).toBe("NOT_FOUND");
});

test("a plan file with an error is told by its line", async () => {
  const file = join(folder.path, "broken.yaml");
  writeFileSync(file, "goal: x\ntasks:\n  - task_id: a\n    capability: no.such\n");
  const unknown = await kai(["run", file], { data: node.data });
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toMatch(/broken\.yaml:4/);
  writeFileSync(file, "goal: [x\n");
  const malformed = await kai(["run", file], { data: node.data });
  expect(malformed.code).toBe(2);
  expect(malformed.stderr).toMatch(/broken\.yaml:\d/);
});

test("a plan file is checked where it is shown: its tree, and every fault with its line", async () => {
  const file = join(folder.path, "shown.yaml");
  writeFileSync(
    file,
    "goal: x\ntasks:\n  - task_id: a\n    capability: flow.sleep\n    params: {ms: soon}\n  - task_id: a\n    capability: no.such\n",
  );
  const faulty = await kai(["plan", "show", file], { data: node.data });
  expect(faulty.code).toBe(2);
  expect(faulty.stdout).toContain("(no.such)");
  for (const place of ["shown.yaml:5:", "shown.yaml:6:", "shown.yaml:7:"]) expect(faulty.stderr).toContain(place);
  writeFileSync(file, "goal: x\ntasks:\n  - task_id: a\n    capability: flow.sleep\n    params: {ms: 1}\n");
  const sound = await kai(["plan", "show", file], { data: node.data });
  expect(sound).toMatchObject({ code: 0, stderr: "" });
  expect(sound.stdout).toContain("1 task; no effects");
});

async function scanned(path: string, ...granted: readonly string[]) {
  const { plan_id } = await submitPlan(node, plan([step("scan", "fs.scan", { path }, { retry: { max_attempts: 1 } })]), ...granted);
  return ended(node, plan_id);
}

test("folders that are not there, not granted, unreadable or no folder are refused by their code", async () => {
  const real = join(folder.path, "real");
  mkdirSync(real);
  put(real, "file.txt", "x");
  expect(taskOf(await scanned(join(real, "gone"), real), "scan").error?.code).toBe("NOT_FOUND");
  expect(taskOf(await scanned("/etc", real), "scan").error?.code).toBe("FORBIDDEN");
  expect(taskOf(await scanned(join(real, "../../etc"), real), "scan").error?.code).toMatch(/FORBIDDEN|NOT_FOUND/);
  expect(taskOf(await scanned(join(real, "file.txt"), real), "scan").error?.code).toBe("BAD_REQUEST");
  expect((await refusal(submitPlan(node, plan([write("a", 1)]), join(real, "gone")))).code).toBe("NOT_FOUND");
  symlinkSync("/etc", join(real, "out"));
  expect(taskOf(await scanned(join(real, "out"), real), "scan").error?.code).toBe("FORBIDDEN");
});

test("a grant is used once, and one that nobody gave is refused", async () => {
  const graph = { body: { plan: plan([write("a", 1)]) } };
  expect((await refusal(node.client.call("submit", graph, { grant: "A".repeat(32) }))).code).toBe("FORBIDDEN");
  const grant = await node.grant(folder.path);
  await node.client.call("submit", graph, grant);
  expect((await refusal(node.client.call("submit", graph, grant))).code).toBe("FORBIDDEN");
});

test("binary, sparse huge and looping content is reported, not choked on", async () => {
  const odd = join(folder.path, "odd");
  mkdirSync(odd);
  put(
    odd,
    "binary.bin",
    Uint8Array.from({ length: 4096 }, (_, place) => place % 256),
  );
  put(odd, "huge.dat", "");
  truncateSync(join(odd, "huge.dat"), 20 * 1024 ** 3);
  symlinkSync(".", join(odd, "loop"));
  symlinkSync("loop/loop/loop", join(odd, "deeper"));
  execFileSync("mkfifo", [join(odd, "pipe")]);
  put(odd, "locked/inside.txt", "x");
  if (process.getuid?.() !== 0) chmodSync(join(odd, "locked"), 0o000);
  const view = await ended(node, (await submit(node, { playbook: "repo-report", params: { path: odd } }, odd)).plan_id);
  chmodSync(join(odd, "locked"), 0o700);
  expect(view.plan.status, JSON.stringify(view.error)).toBe("succeeded");
  expect((view.output as { files_total: number }).files_total).toBeGreaterThanOrEqual(5);
});

test("a second node on the same data folder is refused, and says what to do", async () => {
  const built = await bundles();
  await using second = startNode(built, node.data);
  expect((await second.ended).code).toBe(1);
  expect(second.stdout()).toContain("CONFLICT");
  expect(second.stdout()).toMatch(/--data/);
});

test("[R121] a store of a newer version is refused, and stays as it is", async () => {
  const built = await bundles();
  await using own = await temporaryFolder();
  const data = join(own.path, "data");
  const first = await runningNode({ data });
  await first.stop();
  await first[Symbol.asyncDispose]();
  const database = new DatabaseSync(join(data, "kos.db"));
  database.exec("INSERT INTO store_migration SELECT owner, 9999, digest, applied_at FROM store_migration WHERE owner = 'kcore' LIMIT 1");
  database.exec("INSERT OR IGNORE INTO store_migration SELECT owner, 9999, digest, applied_at FROM store_migration LIMIT 1");
  database.close();
  const before = execFileSync("sha256sum", [join(data, "kos.db")], { encoding: "utf8" });
  await using second = startNode(built, data);
  expect((await second.ended).code).toBe(1);
  expect(second.stdout()).toContain("STORE_NEWER");
  expect(execFileSync("sha256sum", [join(data, "kos.db")], { encoding: "utf8" })).toBe(before);
});

test("a port in use is told with who uses it and another one to take", async () => {
  const built = await bundles();
  await using own = await temporaryFolder();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  try {
    await using child = startNode(built, own.path, { args: ["--port", `${port}`] });
    expect((await child.ended).code).toBe(1);
    const said = child.stdout();
    expect(said).toContain(`Port ${port} is in use`);
    expect(said).toMatch(/--port/);
    expect(said).toContain(`pid ${process.pid}`);
  } finally {
    taken.close();
  }
});

test("settings that are unknown or of a wrong type are refused with key and source", async () => {
  const built = await bundles();
  await using own = await temporaryFolder();
  await using unknown = startNode(built, own.path, { env: { KOS_LISTEN__PROT: "3" } });
  expect((await unknown.ended).code).toBe(1);
  expect(unknown.stdout()).toMatch(/listen\.prot/i);
  await using wrong = startNode(built, own.path, { args: ["--set", "workers.count=many"] });
  expect((await wrong.ended).code).toBe(1);
  expect(wrong.stdout()).toContain("workers.count");
});

const canMount =
  process.getuid?.() === 0 &&
  spawnSync("sh", ["-c", "d=$(mktemp -d) && mount -t tmpfs -o size=1m tmpfs $d && umount $d && rmdir $d"]).status === 0;

test.skipIf(!canMount)(
  "[R111] a full disk: nothing more is acknowledged, the error says so, and after room was made nothing is missing",
  async () => {
    await using own = await temporaryFolder();
    const data = join(own.path, "data");
    mkdirSync(data);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", data]);
    try {
      const acknowledged: string[] = [];
      let refused: string | undefined;
      {
        await using small = await runningNode({ data, env: { KOS_LIMITS__UPLOAD_BYTES: "1048576" } });
        for (let round = 0; refused === undefined && round < 400; round += 1) {
          const outcome = await submitPlan(small, plan([write("a", "x".repeat(60_000))])).then(
            ({ plan_id }) => plan_id,
            (error: { code?: string }) => error,
          );
          if (typeof outcome === "string") acknowledged.push(outcome);
          else refused = outcome.code;
        }
        await small.crash();
      }
      expect(refused).toMatch(/STORAGE_FULL|UNAVAILABLE/);
      execFileSync("mount", ["-o", "remount,size=256m", data]);
      await using again = await runningNode({ data });
      for (const plan_id of acknowledged) expect((await ended(again, plan_id)).plan.status).toMatch(/succeeded|failed/);
      expect((await again.client.call("verifyAudit", {})).ok).toBe(true);
      expect((await run(again, plan([write("b", 1)]))).plan.status).toBe("succeeded");
    } finally {
      execFileSync("umount", ["-l", data]);
    }
  },
);
