import { KosError } from "@kos/klp";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { type AgentOptions, defineAgent } from "./agent.ts";
import { createAgentRunner } from "./agent-runner.ts";
import { defineCapability, type Reconciliation } from "./capability.ts";
import type { ArtifactSink, CapabilityContext, TaskLogger } from "./context.ts";
import type { MessageFromAgent, MessageToAgent, TaskRequestPayload } from "./message.ts";

const noLog: TaskLogger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const noArtifacts: ArtifactSink = {
  put: () => Promise.reject(new KosError("STORAGE_FULL", "none here")),
  get: () => Promise.reject(new KosError("NOT_FOUND", "none here")),
};

function setUp(run: (text: string, context: CapabilityContext) => Promise<unknown>, more: AgentOptions["capabilities"] = []) {
  const sent: MessageFromAgent[] = [];
  const capability = defineCapability({
    name: "test.run",
    title: "",
    description: "",
    input: Type.Object({ text: Type.String() }, { additionalProperties: false }),
    output: Type.Object({ length: Type.Integer() }),
    run: ({ text }, context) => run(text, context) as Promise<{ length: number }>,
  });
  const options: AgentOptions = {
    class: "kExecutor",
    name: "test",
    version: "1.0.0",
    description: "",
    capabilities: [capability, ...more],
  };
  const runner = createAgentRunner({
    agent: defineAgent(options),
    send: (message) => sent.push(message),
    artifacts: () => noArtifacts,
    log: () => noLog,
    now: () => 0,
  });
  const errorCodes = () => sent.flatMap((message) => (message.type === "TASK_ERROR" ? [message.payload.error.code] : []));
  return { runner, sent, errorCodes };
}

function request(changes: Partial<TaskRequestPayload> = {}): MessageToAgent {
  return {
    type: "TASK_REQUEST",
    plan_id: "p",
    task_id: "t",
    payload: {
      attempt: 1,
      lease_token: "lease",
      capability: "test.run",
      params: { text: "four" },
      labels: [],
      generation: 1,
      timeout_ms: 1000,
      idempotency_key: "key",
      fs_roots: [],
      ...changes,
    },
  };
}

const cancel: MessageToAgent = {
  type: "TASK_CANCEL",
  plan_id: "p",
  task_id: "t",
  payload: { attempt: 1, lease_token: "lease", reason: "enough" },
};

async function idle(runner: { readonly inFlight: number }): Promise<void> {
  while (runner.inFlight > 0) await Promise.resolve();
}

describe("an agent runner", () => {
  it("answers a request once, under its lease", async () => {
    const { runner, sent } = setUp(async (text) => ({ length: text.length }));
    runner.handle(request());
    runner.handle(request());
    await idle(runner);
    expect(sent).toEqual([
      { type: "TASK_RESULT", plan_id: "p", task_id: "t", payload: { attempt: 1, lease_token: "lease", output: { length: 4 }, run_ms: 0 } },
    ]);
  });

  it.each([
    ["params that do not fit", { params: { text: 4 } }, "BAD_REQUEST"],
    ["params with more than was asked for", { params: { text: "a", more: 1 } }, "BAD_REQUEST"],
    ["an unknown capability", { capability: "test.other" }, "UNKNOWN_CAPABILITY"],
  ])("refuses %s without running anything", async (_what, changes, code) => {
    let ran = false;
    const { runner, errorCodes } = setUp(async () => {
      ran = true;
      return { length: 0 };
    });
    runner.handle(request(changes));
    await idle(runner);
    expect(errorCodes()).toEqual([code]);
    expect(ran).toBe(false);
  });

  it("does not let an output through that its schema forbids", async () => {
    const { runner, errorCodes } = setUp(async () => ({ length: "long" }));
    runner.handle(request());
    await idle(runner);
    expect(errorCodes()).toEqual(["BAD_REQUEST"]);
  });

  it.each([
    ["a lone surrogate", "cut \ud83d", "a lone surrogate at /words"],
    ["an integer beyond 2^53", 2 ** 60, "/words"],
    ["a number that is none", Number.NaN, "NaN at /words"],
    ["more levels than a strict reader takes", Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 1), "levels"],
  ])("[R51] fails a call with a coded error whose output has %s: no link could seal it", async (_what, words, said) => {
    const { runner, sent, errorCodes } = setUp(async () => ({ length: 1, words }));
    runner.handle(request());
    await idle(runner);
    expect(errorCodes()).toEqual(["BAD_REQUEST"]);
    expect(sent[0]?.payload).toMatchObject({
      error: { retryable: false, message: expect.stringMatching(new RegExp(`output of test.run cannot be sent.*${said}`)) },
    });
  });

  it("mends progress and errors that could not be sealed: they only accompany", async () => {
    const { runner, sent } = setUp(async (_text, context) => {
      context.progress({ message: "half \ud83d", fraction: Number.NaN, done: 1 });
      throw new KosError("NOT_FOUND", "no \ud83d", { details: { name: "\ud83d" } });
    });
    runner.handle(request());
    await idle(runner);
    expect(sent.map(({ payload }) => payload)).toEqual([
      { attempt: 1, lease_token: "lease", progress: { message: "half \ufffd", done: 1 } },
      { attempt: 1, lease_token: "lease", error: { code: "NOT_FOUND", message: "no \ufffd", retryable: false }, run_ms: 0 },
    ]);
  });

  describe("asked what became of an interrupted call", () => {
    function asked(answer: unknown) {
      const calls: string[] = [];
      const capability = defineCapability({
        name: "test.pay",
        title: "",
        description: "",
        input: Type.Object({ text: Type.String() }, { additionalProperties: false }),
        output: Type.Object({ length: Type.Integer() }),
        idempotent: false,
        run: async () => {
          calls.push("run");
          return { length: 1 };
        },
        reconcile: async ({ text }, { idempotencyKey }) => {
          calls.push(`asked for ${text} under ${idempotencyKey}`);
          return answer as Reconciliation;
        },
      });
      const test = setUp(async () => ({ length: 1 }), [capability]);
      return { ...test, calls };
    }

    it.each([{ outcome: "succeeded", output: { length: 4 } }, { outcome: "not_done" }, { outcome: "unknown" }])(
      "answers %j and runs nothing",
      async (answer) => {
        const { runner, sent, calls } = asked(answer);
        runner.handle(request({ capability: "test.pay#reconcile" }));
        await idle(runner);
        expect(sent.map(({ type, payload }) => [type, "output" in payload && payload.output])).toEqual([["TASK_RESULT", answer]]);
        expect(calls).toEqual(["asked for four under key"]);
      },
    );

    it.each([
      ["an output that the schema forbids", "test.pay#reconcile", { outcome: "succeeded", output: { length: "long" } }, "BAD_REQUEST"],
      ["no answer", "test.pay#reconcile", undefined, "INTERNAL"],
      ["a capability that cannot be asked", "test.run#reconcile", undefined, "UNKNOWN_CAPABILITY"],
    ])("answers %s with an error, and runs nothing", async (_what, capability, answer, code) => {
      const { runner, errorCodes, calls } = asked(answer);
      runner.handle(request({ capability }));
      await idle(runner);
      expect(errorCodes()).toEqual([code]);
      expect(calls).not.toContain("run");
    });
  });

  it("[R138] tells nothing of what a capability threw beyond that it failed", async () => {
    const { runner, sent } = setUp(() => Promise.reject(new Error("secret at /home/someone")));
    runner.handle(request());
    await idle(runner);
    expect(JSON.stringify(sent)).not.toContain("secret");
    expect(sent[0]?.type).toBe("TASK_ERROR");
  });

  it("answers a cancel at once, also for a capability that does not listen", async () => {
    const { runner, errorCodes } = setUp(() => new Promise(() => undefined));
    runner.handle(request());
    runner.handle(cancel);
    await idle(runner);
    expect(errorCodes()).toEqual(["CANCELLED"]);
  });

  it("lets an effect begin only after the engine has acknowledged it", async () => {
    const order: string[] = [];
    const { runner, sent } = setUp(async (_text, context) => {
      order.push("asks");
      await context.beginEffect();
      order.push("acts");
      return { length: 1 };
    });
    runner.handle(request());
    await Promise.resolve();
    expect(order).toEqual(["asks"]);
    expect(sent[0]?.payload).toMatchObject({ effect: "begin", lease_token: "lease" });
    runner.handle({ type: "RESULT_ACK", plan_id: "p", task_id: "t", payload: { attempt: 1, lease_token: "lease", of: "effect" } });
    await idle(runner);
    expect(order).toEqual(["asks", "acts"]);
  });

  const acknowledge = (n: number): MessageToAgent => ({
    type: "RESULT_ACK",
    plan_id: "p",
    task_id: "t",
    payload: { attempt: 1, lease_token: "lease", of: "checkpoint", n },
  });

  it("resolves each checkpoint when the engine has it on disk, many under way at once, each as it was when it was recorded", async () => {
    const order: string[] = [];
    const { runner, sent } = setUp(async (_text, context) => {
      const place = { page: 1 };
      const first = context.checkpoint(place).then(() => order.push("first"));
      place.page = 2;
      const second = context.checkpoint(place).then(() => order.push("second"));
      await Promise.all([first, second]);
      return { length: 1 };
    });
    runner.handle(request());
    expect(sent.map(({ payload }) => payload)).toEqual([
      { attempt: 1, lease_token: "lease", checkpoint: { page: 1 }, n: 1 },
      { attempt: 1, lease_token: "lease", checkpoint: { page: 2 }, n: 2 },
    ]);
    runner.handle(acknowledge(2));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(order).toEqual(["second"]);
    runner.handle(acknowledge(1));
    await idle(runner);
    expect(order).toEqual(["second", "first"]);
    expect(sent.at(-1)?.type).toBe("TASK_RESULT");
  });

  it("gives a call what earlier attempts recorded, and nothing where there is nothing", async () => {
    const seen: (readonly unknown[])[] = [];
    const { runner } = setUp(async (_text, context) => {
      seen.push(context.checkpoints);
      return { length: 1 };
    });
    runner.handle(request({ checkpoints: [1, { page: 2 }] }));
    runner.handle(request({ lease_token: "other" }));
    await idle(runner);
    expect(seen).toEqual([[1, { page: 2 }], []]);
  });

  it.each([
    ["what JSON cannot carry", Number.NaN, [], "BAD_REQUEST"],
    ["no value", undefined, [], "BAD_REQUEST"],
    ["more than 4 KiB", "x".repeat(4095), [], "BAD_REQUEST"],
    ["more than 10,000 in a generation", 1, Array.from({ length: 10_000 }, () => 1), "RESOURCE_LIMIT_EXCEEDED"],
  ])("does not send a checkpoint of %s", async (_what, value, checkpoints, code) => {
    const { runner, sent, errorCodes } = setUp(async (_text, context) => {
      await context.checkpoint(value);
      return { length: 1 };
    });
    runner.handle(request({ checkpoints }));
    await idle(runner);
    expect(errorCodes()).toEqual([code]);
    expect(sent.map(({ type }) => type)).toEqual(["TASK_ERROR"]);
  });

  it("sends a checkpoint of exactly 4 KiB", () => {
    const { runner, sent } = setUp(async (_text, context) => {
      await context.checkpoint("x".repeat(4094));
      return { length: 1 };
    });
    runner.handle(request());
    expect(sent).toHaveLength(1);
  });

  it("lets nobody wait for a checkpoint of a call that was cut off", async () => {
    const reasons: unknown[] = [];
    const { runner, sent } = setUp(async (_text, context) => {
      for (let time = 0; time < 2; time++) await context.checkpoint(time).catch((error: unknown) => reasons.push(error));
      return { length: 1 };
    });
    runner.handle(request());
    runner.handle(cancel);
    await idle(runner);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(reasons).toEqual([expect.objectContaining({ code: "CANCELLED" }), expect.objectContaining({ code: "CANCELLED" })]);
    expect(sent.filter(({ payload }) => "checkpoint" in payload)).toHaveLength(1);
  });

  it("ends every call when it is closed", async () => {
    const { runner, errorCodes } = setUp(() => new Promise(() => undefined));
    runner.handle(request());
    await runner.close(new KosError("CANCELLED", "the node ends"));
    expect(errorCodes()).toEqual(["CANCELLED"]);
    expect(runner.inFlight).toBe(0);
  });
});
