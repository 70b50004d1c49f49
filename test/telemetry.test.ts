// What a run leaves to be seen: log records with their tags, metrics that Prometheus' own checker accepts, agents with key and state, a trace.
// needs: promtool

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { LogRecord } from "@kos/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kai } from "./support/kai.fixture.ts";
import { type RunningNode, runningNode } from "./support/node.fixture.ts";
import { ended, plan, run, step, submit, succeeded, write } from "./support/plan.fixture.ts";
import { serviceRepository } from "./support/repository.fixture.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.fixture.ts";

const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

let node: RunningNode;
let folder: TemporaryFolder;
let planId: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  node = await runningNode({ env: { KOS_LOGGING__LEVEL: "trace" } });
  const path = join(folder.path, "service");
  serviceRepository(path);
  const view = succeeded(await ended(node, (await submit(node, { playbook: "repo-report", params: { path } }, path)).plan_id));
  planId = view.plan.plan_id;
  await run(node, plan([step("read", "fs.read", { path: "/not/granted" }, { retry: { max_attempts: 2, backoff_ms: 1 } })]));
});

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function records(query: object = {}): Promise<readonly LogRecord[]> {
  const all: LogRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await node.client.call("logs", { query: { limit: 200, ...query, ...(cursor !== undefined && { cursor }) } });
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

test("every log record made inside a task, child processes included, has plan_id, task_id and trace_id", async () => {
  const all = await records();
  const inTask = all.filter(
    ({ task_id, plan_id, agent }) => task_id !== undefined || plan_id !== undefined || /^k(Executor|Reviewer|Bridge):/.test(agent ?? ""),
  );
  const fromChildren = inTask.filter(({ agent }) => /^k(Executor|Reviewer|Bridge):/.test(agent ?? ""));
  expect(fromChildren.length).toBeGreaterThan(0);
  const untagged = fromChildren.filter(({ task_id, plan_id, trace_id }) => !task_id || !plan_id || !trace_id);
  expect(untagged).toEqual([]);
  for (const record of all.filter(({ task_id }) => task_id !== undefined)) {
    expect(record.plan_id, record.message).toMatch(/^[0-9a-f-]{36}$/);
    expect(record.trace_id, record.message).toMatch(/^[0-9a-f]{32}$/);
  }
});

test("the log of one plan holds that plan's records only", async () => {
  const own = await records({ plan_id: planId });
  expect(new Set(own.map(({ plan_id }) => plan_id))).toEqual(new Set([planId]));
});

test.skipIf(missing.includes("promtool"))("metrics pass promtool and tell what ran", async () => {
  const response = await node.client.open("metrics", {});
  const text = await response.text();
  execFileSync("promtool", ["check", "metrics"], { input: text, stdio: ["pipe", "ignore", "inherit"] });
  expect(text).toMatch(/kos_[a-z_]*tasks?[a-z_]*\{[^}]*capability="fs\.scan"[^}]*\} [1-9]/);
  expect(text).toMatch(/kos_[a-z_]*commit[a-z_]*(_count|_sum)/);
  expect(text).toMatch(/heartbeat/);
});

test("the status of the node shows every built-in agent with its own key, its state and what it can do", async () => {
  const status = await node.client.call("status", {});
  const ids = status.agents.map(({ agent_id }) => agent_id).sort();
  const executors = ["kExecutor:data", "kExecutor:documents", "kExecutor:files", "kExecutor:web"];
  expect(ids).toEqual(["kBridge:http", "kCore:main", ...executors, "kPlanner:main", "kReviewer:main"]);
  expect(new Set(status.agents.map(({ key }) => key)).size).toBe(ids.length);
  for (const agent of status.agents) {
    expect(agent.key).toMatch(/^did:key:z6Mk/);
    expect(["ready", "busy"]).toContain(agent.state);
    expect(agent.capabilities.length, agent.agent_id).toBeGreaterThan(0);
    const manifest = (await node.client.call("agentManifest", { params: { agent_id: agent.agent_id } })) as Record<string, unknown>;
    expect(manifest).toMatchObject({ id: agent.agent_id, issuer: node.did });
  }
  const heartbeats = async () =>
    (await node.client.call("status", {})).agents.filter(({ last_heartbeat_at: at }) => at !== undefined).map(({ agent_id }) => agent_id);
  await expect.poll(heartbeats, { timeout: 30_000 }).toEqual(expect.arrayContaining(["kExecutor:files", "kReviewer:main"]));
});

test("kai trace shows queued, run and review time of every attempt and the critical path", async () => {
  const trace = await node.client.call("trace", { params: { plan_id: planId } });
  expect(trace.attempts.map(({ task_id }) => task_id)).toEqual(expect.arrayContaining(["git_files", "scan", "merge", "render"]));
  const scan = trace.attempts.find(({ task_id }) => task_id === "scan");
  expect(scan?.run_ms).toBeGreaterThan(0);
  expect(scan?.review_ms).toBeGreaterThan(0);
  expect(trace.critical_path.at(-1)?.task_id).toBe("render");
  const shown = await kai(["trace", planId], { data: node.data });
  expect(shown.code, shown.stderr).toBe(0);
  for (const word of ["scan", "QUEUED", "REVIEW", "COMMIT", "Critical path"]) expect(shown.stdout).toContain(word);
});

test("an agent that is paused gets nothing new, and goes on when it is resumed", async () => {
  const params = { agent_id: "kExecutor:files" };
  expect((await node.client.call("pauseAgent", { params })).state).toBe("paused");
  const { plan_id } = await submit(node, { plan: plan([write("waits", 1)]) });
  const view = await node.client.call("plan", { params: { plan_id } });
  expect(view.tasks[0]?.status).not.toBe("succeeded");
  await node.client.call("resumeAgent", { params });
  expect((await ended(node, plan_id)).plan.status).toBe("succeeded");
});

test("an agent that is terminated loses its processes, and works again after a restart", async () => {
  const params = { agent_id: "kReviewer:main" };
  expect((await node.client.call("terminateAgent", { params })).state).toBe("terminated");
  expect((await node.client.call("restartAgent", { params })).state).toMatch(/ready|registered/);
});
