import type { MessageFromAgent, MessageToAgent } from "@kos/agent";
import { describe, expect, it } from "vitest";
import { createWorkerPool, type LostCall, type WorkerEvents, type WorkerPoolOptions } from "./worker-pool.ts";

interface FakeProcess {
  readonly events: WorkerEvents;
  readonly fsRoots: readonly string[];
  readonly sent: MessageToAgent[];
  closed: boolean;
  killed: boolean;
  exit(reason: string): Promise<void>;
}

function setUp(options: Partial<WorkerPoolOptions> = {}) {
  const processes: FakeProcess[] = [];
  const timers: { ms: number; run: () => void; stopped: boolean }[] = [];
  const lost: LostCall[] = [];
  const got: MessageFromAgent[] = [];
  const heartbeats: string[][] = [];
  const clock = { now: 0 };
  const pool = createWorkerPool({
    size: 2,
    silentMs: 100,
    proveMs: 500,
    now: () => clock.now,
    idleMs: 1000,
    graceMs: 50,
    onLost: (calls) => lost.push(...calls),
    onMessage: (message) => got.push(message),
    onHeartbeat: (calls) => heartbeats.push([...calls]),
    after(ms, run) {
      const timer = { ms, run, stopped: false };
      timers.push(timer);
      return () => {
        timer.stopped = true;
      };
    },
    start(events, fsRoots) {
      const exited = Promise.withResolvers<{ reason: string }>();
      const made: FakeProcess = {
        events,
        fsRoots,
        sent: [],
        closed: false,
        killed: false,
        async exit(reason) {
          exited.resolve({ reason });
          await exited.promise;
          await Promise.resolve();
        },
      };
      processes.push(made);
      return {
        exited: exited.promise,
        send: (message) => made.sent.push(message),
        close() {
          made.closed = true;
        },
        kill() {
          made.killed = true;
        },
      };
    },
    ...options,
  });
  const due = (ms: number) => timers.filter((timer) => timer.ms === ms && !timer.stopped);
  return { pool, processes, lost, got, due, heartbeats, clock };
}

const request = (token: string, fsRoots: readonly string[] = []): MessageToAgent => ({
  type: "TASK_REQUEST",
  plan_id: "p",
  task_id: token,
  payload: {
    attempt: 1,
    lease_token: token,
    capability: "a.b",
    params: {},
    labels: [],
    generation: 1,
    timeout_ms: 1,
    idempotency_key: "k",
    fs_roots: fsRoots,
  },
});
const cancel = (token: string): MessageToAgent => ({
  type: "TASK_CANCEL",
  plan_id: "p",
  task_id: token,
  payload: { attempt: 1, lease_token: token, reason: "enough" },
});
const result = (token: string): MessageFromAgent => ({
  type: "TASK_RESULT",
  plan_id: "p",
  task_id: token,
  payload: { attempt: 1, lease_token: token, output: 1, run_ms: 1 },
});
const evidence = { envelopeHash: "sha256:0" };

describe("a worker pool", () => {
  it("[W1] starts no process before the first request, and spreads calls before it fills them", () => {
    const { pool, processes } = setUp();
    expect(pool.processes).toBe(0);
    for (const token of ["1", "2", "3"]) pool.send(request(token));
    expect(processes.map((process) => process.sent.length)).toEqual([2, 1]);
  });

  it("[W4] reports exactly the calls that were open in a process that ended", async () => {
    const { pool, processes, lost } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.send(request("2"));
    processes[0]?.events.onMessage(result("1"), evidence);
    await processes[0]?.exit("killed");
    expect(lost).toEqual([{ planId: "p", taskId: "2", leaseToken: "2", reason: "killed" }]);
    expect(pool.processes).toBe(0);
  });

  it("[W5] kills a process only when a cancelled call is still open after the grace time", () => {
    const { pool, processes, due } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.send(cancel("1"));
    expect(processes[0]?.sent.map((message) => message.type)).toEqual(["TASK_REQUEST", "TASK_CANCEL"]);
    expect(processes[0]?.killed).toBe(false);
    due(50)[0]?.run();
    expect(processes[0]?.killed).toBe(true);
  });

  it("[W5] does not kill when the cancelled call has answered", () => {
    const { pool, processes, due } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.send(cancel("1"));
    processes[0]?.events.onMessage(result("1"), evidence);
    expect(due(50)).toEqual([]);
  });

  it("[W1] ends an idle process, unless a call comes first", () => {
    const { pool, processes, due } = setUp({ size: 1 });
    pool.send(request("1"));
    processes[0]?.events.onMessage(result("1"), evidence);
    pool.send(request("2"));
    expect(due(1000)).toEqual([]);
    processes[0]?.events.onMessage(result("2"), evidence);
    due(1000)[0]?.run();
    expect(processes[0]?.closed).toBe(true);
    pool.send(request("3"));
    expect(processes.map((process) => process.sent.length)).toEqual([2, 1]);
  });

  it("[W13] gives a call only to a process that was started with its roots", () => {
    const { pool, processes } = setUp({ size: 2, perRoots: true });
    pool.send(request("1", ["/a"]));
    processes[0]?.events.onMessage(result("1"), evidence);
    pool.send(request("2", ["/b"]));
    pool.send(request("3", ["/a"]));
    expect(processes.map(({ fsRoots, sent }) => [fsRoots, sent.length])).toEqual([
      [["/a"], 2],
      [["/b"], 1],
    ]);
  });

  it("[W13] ends an idle process to make room for other roots, and takes roots in any order for the same", async () => {
    const { pool, processes, lost, due } = setUp({ size: 1, perRoots: true });
    pool.send(request("1", ["/a", "/b"]));
    processes[0]?.events.onMessage(result("1"), evidence);
    pool.send(request("2", ["/b", "/a"]));
    expect(processes).toHaveLength(1);
    processes[0]?.events.onMessage(result("2"), evidence);
    pool.send(request("3", []));
    expect(processes[0]?.closed).toBe(true);
    expect(processes[1]?.fsRoots).toEqual([]);
    expect(due(1000)).toEqual([]);
    await processes[0]?.exit("ended with code 0");
    expect(lost).toEqual([]);
    expect(pool.processes).toBe(1);
  });

  it("[W13] starts one more where all are busy with other roots", () => {
    const { pool, processes } = setUp({ size: 1, perRoots: true });
    pool.send(request("1", ["/a"]));
    pool.send(request("2", ["/b"]));
    expect(processes.map(({ fsRoots, closed }) => [fsRoots, closed])).toEqual([
      [["/a"], false],
      [["/b"], false],
    ]);
  });

  it("[W11] gives a new call to a fresh process while a cancelled one does not answer, and kills the stuck one after the grace time", async () => {
    const { pool, processes, lost, due } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.send(cancel("1"));
    pool.send(request("2"));
    expect(processes.map(({ sent }) => sent.map(({ type }) => type))).toEqual([["TASK_REQUEST", "TASK_CANCEL"], ["TASK_REQUEST"]]);
    due(50)[0]?.run();
    expect(processes.map(({ killed }) => killed)).toEqual([true, false]);
    await processes[0]?.exit("killed");
    expect(lost.map(({ leaseToken }) => leaseToken)).toEqual(["1"]);
  });

  it("[W11] uses a process again once its cancelled call has answered", () => {
    const { pool, processes } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.send(request("2"));
    pool.send(cancel("1"));
    processes[0]?.events.onMessage(result("1"), evidence);
    pool.send(request("3"));
    expect(processes).toHaveLength(1);
  });

  it("[W11] gives nothing to a silent process, until it is heard of again", () => {
    const { pool, processes, clock } = setUp({ size: 1 });
    pool.send(request("1"));
    clock.now = 101;
    pool.send(request("2"));
    expect(processes.map(({ sent }) => sent.length)).toEqual([1, 1]);
    clock.now = 202;
    processes[0]?.events.onHeartbeat();
    pool.send(request("3"));
    expect(processes.map(({ sent }) => sent.length)).toEqual([2, 1]);
  });

  it("[W11] has no more than twice its size of processes, however many are stuck", () => {
    const { pool, processes } = setUp({ size: 2 });
    for (let token = 1; token <= 9; token++) {
      pool.send(request(String(token)));
      pool.send(cancel(String(token)));
    }
    expect(processes).toHaveLength(4);
  });

  it("[W11] gives nothing to a process that has been told to end", () => {
    const { pool, processes, due } = setUp({ size: 1 });
    pool.send(request("1"));
    processes[0]?.events.onMessage(result("1"), evidence);
    due(1000)[0]?.run();
    pool.send(request("2"));
    expect(processes.map(({ sent }) => sent.length)).toEqual([1, 1]);
  });

  it("[W12] kills a process that does not prove its link in time, and one that does not end when it is told to", () => {
    const { pool, processes, due } = setUp({ size: 1 });
    pool.send(request("1"));
    due(500)[0]?.run();
    expect(processes[0]?.killed).toBe(true);
    pool.send(request("2"));
    processes[1]?.events.onHeartbeat();
    expect(due(500)).toHaveLength(1);
    processes[1]?.events.onMessage(result("2"), evidence);
    due(1000)[0]?.run();
    expect(processes[1]).toMatchObject({ closed: true, killed: false });
    due(50)[0]?.run();
    expect(processes[1]?.killed).toBe(true);
  });

  it("starts anew for the next request after a restart", async () => {
    const { pool, processes, lost } = setUp({ size: 1 });
    pool.send(request("1"));
    pool.restart();
    expect(processes[0]?.killed).toBe(true);
    await processes[0]?.exit("restarted");
    expect(lost).toHaveLength(1);
    pool.send(request("2"));
    expect(processes).toHaveLength(2);
  });

  it("[W7] [R115] speaks only for calls in processes that it has heard of lately", () => {
    const { pool, processes, heartbeats, clock } = setUp();
    pool.send(request("1"));
    pool.send(request("2"));
    clock.now = 101;
    processes[0]?.events.onHeartbeat();
    expect(heartbeats).toEqual([["1"]]);
    processes[1]?.events.onHeartbeat();
    expect(heartbeats.at(-1)).toEqual(["1", "2"]);
  });
});
