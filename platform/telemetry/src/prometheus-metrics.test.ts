// needs: promtool, prometheus
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AGENT_STATES, ATTEMPT_OUTCOMES, type NodeMetrics } from "./node-metrics.ts";
import { prometheusMetrics } from "./prometheus-metrics.ts";

const WORK = { agent: "kExecutor:files", capability: "fs.scan" };
const missing = (process.env["KOS_TEST_MISSING"] ?? "").split(",");

const TIMES = { queuedMs: 1, runMs: 1 };

async function text(metrics: NodeMetrics): Promise<string> {
  return (await metrics.render()).text;
}

/** A bit of everything a node reports. */
function exercise(metrics: NodeMetrics): void {
  for (const outcome of ATTEMPT_OUTCOMES) {
    metrics.attemptEnded(WORK, outcome, { queuedMs: 12, runMs: 340 });
  }
  metrics.retryScheduled("fs.scan", "timed_out");
  metrics.capabilityInFlight("fs.scan", 2);
  metrics.agentInFlight("kExecutor:files", 3);
  metrics.inDoubt(1);
  for (const [index, state] of AGENT_STATES.entries()) metrics.agentState(`kExecutor:${index} "quoted\\\n`, state);
  metrics.heartbeat("kExecutor:files");
  metrics.committed({ events: 12, rows: 30, ms: 0.4 });
  metrics.queueSize("kExecutor", { ready: 3, delayed: 1 });
  metrics.logRecordsDropped(2);
}

describe("metrics of a node", () => {
  it("[T13] count attempts by agent, capability and outcome, with their times and what is in flight", async () => {
    using metrics = prometheusMetrics({ now: () => 0, process: false });
    exercise(metrics);
    const lines = (await text(metrics)).split("\n");
    for (const line of [
      'kos_task_attempts_total{agent="kExecutor:files",capability="fs.scan",outcome="succeeded"} 1',
      'kos_task_attempts_total{agent="kExecutor:files",capability="fs.scan",outcome="in_doubt"} 1',
      'kos_capability_calls_in_flight{capability="fs.scan"} 2',
      'kos_agent_calls_in_flight{agent="kExecutor:files"} 3',
      'kos_task_retries_total{capability="fs.scan",cause="timed_out"} 1',
      "kos_plans_in_doubt 1",
      'kos_task_queue_seconds_count{agent="kExecutor:files",capability="fs.scan"} 6',
      'kos_task_run_seconds_sum{agent="kExecutor:files",capability="fs.scan"} 2.04',
      'kos_task_run_seconds_bucket{le="0.5",agent="kExecutor:files",capability="fs.scan"} 6',
      "kos_commit_seconds_count 1",
      "kos_commit_events_sum 12",
      "kos_commit_rows_sum 30",
      'kos_queue_hints{queue="kExecutor",state="delayed"} 1',
      "kos_log_records_dropped 2",
    ]) {
      expect(lines).toContain(line);
    }
  });

  it("[T13] tell an agent's state and the age of its heartbeat at the scrape, until it is removed", async () => {
    let nowMs = 10_000;
    using metrics = prometheusMetrics({ now: () => nowMs, process: false });
    metrics.agentState("a", "ready");
    metrics.agentState("a", "paused");
    metrics.heartbeat("a");
    nowMs += 2500;
    const before = await text(metrics);
    expect(before).toContain('kos_agent_state{agent="a",state="ready"} 0');
    expect(before).toContain('kos_agent_state{agent="a",state="paused"} 1');
    expect(before).toContain('kos_agent_heartbeat_age_seconds{agent="a"} 2.5');
    metrics.agentRemoved("a");
    expect(await text(metrics)).not.toContain('agent="a"');
  });

  it("[T13] stay bounded: beyond so many values each label says other", async () => {
    using metrics = prometheusMetrics({ now: () => 0, process: false, maxLabelValues: 3 });
    for (let index = 0; index < 1000; index++) {
      metrics.attemptEnded({ agent: `a${index}`, capability: `c.${index}` }, "succeeded", TIMES);
      metrics.capabilityInFlight(`c.${index}`, 1);
      metrics.heartbeat(`a${index}`);
      metrics.agentState(`a${index}`, "ready");
      metrics.queueSize(`q${index}`, { ready: 1, delayed: 0 });
    }
    metrics.attemptEnded({ agent: "x".repeat(10_000), capability: "c" }, "succeeded", TIMES);
    expect((await text(metrics)).match(/^kos_task_attempts_total/gm)).toHaveLength(4);
    using wide = prometheusMetrics({ now: () => 0, process: false, maxLabelValues: 10 });
    for (let index = 0; index < 100; index++)
      wide.attemptEnded({ agent: `a${index % 10}`, capability: `c.${Math.floor(index / 10)}` }, "succeeded", TIMES);
    expect((await text(wide)).match(/^kos_task_attempts_total/gm)).toHaveLength(51);
    const rendered = await text(metrics);
    expect(rendered).toContain('kos_task_attempts_total{agent="other",capability="other",outcome="succeeded"} 998');
    expect(rendered.split("\n").length).toBeLessThan(300);
    expect(rendered).not.toContain("xxx");
  });

  it("[T13] bear a measurement gone wrong", async () => {
    using metrics = prometheusMetrics({ now: () => 0, process: false });
    metrics.attemptEnded(WORK, "failed", { queuedMs: Number.NaN, runMs: -5 });
    metrics.committed({ events: Number.POSITIVE_INFINITY, rows: 1, ms: 1 });
    expect(await text(metrics)).toContain("kos_task_queue_seconds_sum{");
    expect(await text(metrics)).not.toMatch(/ (NaN|-\d|\+?Inf)/);
  });

  it("[T13] include process and event loop", async () => {
    using metrics = prometheusMetrics({ now: () => 0 });
    const rendered = await text(metrics);
    for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"])
      expect(rendered).toContain(`\n${name} `);
  });

  it.skipIf(missing.includes("promtool"))("[T13] pass promtool check metrics (needs promtool)", async () => {
    using metrics = prometheusMetrics({ now: () => 0 });
    exercise(metrics);
    const checked = spawnSync("promtool", ["check", "metrics"], { input: await text(metrics), encoding: "utf8" });
    expect({ error: checked.error, output: checked.stdout + checked.stderr, status: checked.status }).toEqual({
      error: undefined,
      output: "",
      status: 0,
    });
  });

  it.skipIf(missing.includes("prometheus"))("[T13] are scraped by a real Prometheus (needs prometheus)", async () => {
    using metrics = prometheusMetrics({ now: () => 0 });
    exercise(metrics);
    await using node = await serve(metrics);
    await using prometheus = await startPrometheus(node.port);
    const query = encodeURIComponent('kos_task_attempts_total{outcome="succeeded"}');
    const answer = await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${prometheus.port}/api/v1/query?query=${query}`);
      const { data } = (await response.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
      return data.result[0];
    });
    expect(answer.metric).toMatchObject({
      __name__: "kos_task_attempts_total",
      agent: "kExecutor:files",
      capability: "fs.scan",
      job: "kos",
    });
    expect(answer.value[1]).toBe("1");
  });
});

async function serve(metrics: NodeMetrics): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => {
    void metrics.render().then(({ contentType, text: body }) => response.writeHead(200, { "content-type": contentType }).end(body));
  });
  const port = await listen(server);
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function startPrometheus(target: number): Promise<AsyncDisposable & { readonly port: number }> {
  const dir = await mkdtemp(join(tmpdir(), "kos-prometheus-"));
  const config = { scrape_configs: [{ job_name: "kos", scrape_interval: "1s", static_configs: [{ targets: [`127.0.0.1:${target}`] }] }] };
  await writeFile(join(dir, "prometheus.yml"), JSON.stringify(config));
  const port = await freePort();
  const child: ChildProcess = spawn(
    "prometheus",
    [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const failed = once(child, "error").then(([error]) => Promise.reject(error as Error));
  await Promise.race([eventually(async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok || undefined), failed]).catch(
    (cause: unknown) => {
      throw new Error(`Prometheus did not start: ${output}`, { cause });
    },
  );
  return {
    port,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await rm(dir, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Asks again until there is an answer; another program's readiness can only be asked for. */
async function eventually<Result>(ask: () => Promise<Result | undefined>): Promise<Result> {
  let last: unknown;
  for (let tries = 0; tries < 300; tries++) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await setTimeout(100);
  }
  throw new Error("no answer in time", { cause: last });
}
