// A whole engine in a test: store in memory, agents beside it, a clock that moves only when told to.

import {
  type Agent,
  type Capability,
  type CapabilityOptions,
  createAgentRunner,
  defineAgent,
  defineCapability,
  type MessageFromAgent,
  type MessageToAgent,
} from "@kos/agent";
import type { PlanView } from "@kos/api";
import { createSigner, createUuidV7, encodeDidKey, hashText } from "@kos/klp";
import type { PlanGraph, Task } from "@kos/plan";
import { type MemoryStore, memoryStore } from "@kos/store";
import type { TSchema } from "typebox";
import { createCoreAgent } from "../agent.ts";
import type { Caller, Clock, Engine, EngineLimits, EngineOptions, Published, ReadyHint } from "../engine-api.ts";
import { KCORE_MIGRATIONS } from "../projection/kcore-migrations.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { createEngine } from "./engine.ts";

export const ADA: Caller = { tenant: "local", id: "person:ada", kind: "person" };
export const AGENT: Caller = { tenant: "local", id: "agent:kExecutor:test", kind: "agent" };

interface TestClock extends Clock {
  /** Moves time on and lets everything that is due happen. */
  advance(ms: number): Promise<void>;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly clock: TestClock;
  readonly store: MemoryStore;
  readonly blobs: Map<string, Uint8Array>;
  /** Everything but the topic `plans`, which repeats what a plan's own topic says. */
  readonly published: Published[];
  readonly sent: { readonly agent: string; readonly message: MessageToAgent }[];
  /** The newest request for that task to a silent agent. */
  request(taskId: string): AgentRequest;
  /** How often that task was sent to its agent. */
  timesSent(taskId: string): number;
  /** A silent agent speaks, and what follows from it happens. */
  result(request: AgentRequest, output: unknown): Promise<void>;
  error(
    request: AgentRequest,
    error: { readonly code: string; readonly retryable?: boolean; readonly details?: Record<string, unknown> },
  ): Promise<void>;
  beginEffect(request: AgentRequest): Promise<void>;
  checkpoint(request: AgentRequest, n: number, value: unknown): Promise<void>;
  /** Types of the plan's events, in order. */
  types(planId: string): Promise<readonly string[]>;
  /** Waits until nothing more happens by itself. */
  settle(): Promise<void>;
  plan(planId: string): Promise<PlanView>;
  /** Submits a plan of these tasks and starts it. */
  run(
    tasks: readonly (Partial<Task> & Pick<Task, "task_id" | "capability">)[],
    rest?: Partial<PlanGraph> & { approval?: boolean; start?: boolean; fsRoots?: string[] },
  ): Promise<string>;
  /** The process dies: nothing is flushed, the store stays. */
  crash(): void;
  /** A new engine on the same store. */
  reopen(options?: Partial<EngineOptions>): Promise<TestEngine>;
}

interface AgentRequest {
  readonly agent: string;
  readonly message: Extract<MessageToAgent, { payload: { capability: string } }>;
}

export interface TestEngineOptions {
  readonly agents?: readonly Agent[];
  readonly limits?: Partial<EngineLimits>;
  readonly store?: MemoryStore;
  readonly clock?: TestClock;
  readonly blobs?: Map<string, Uint8Array>;
  readonly engine?: Partial<EngineOptions>;
  /** Messages to these agents are only noted: the test answers for them. */
  readonly silent?: readonly string[];
}

const ANSWERS = { TASK_REQUEST: "TASK_RESULT", REVIEW_REQUEST: "REVIEW_VERDICT", PLAN_REQUEST: "PLAN_GRAPH" } as const;

/** Another one for each engine, as for each run of a real one. */
let seeds = 0;
const SEED = new Uint8Array(32).fill(7);

function testClock(startMs = 1_800_000_000_000): TestClock {
  let nowMs = startMs;
  let timers: { atMs: number; order: number; run: () => void }[] = [];
  let order = 0;
  return {
    now: () => nowMs,
    after(ms, run) {
      order++;
      const timer = { atMs: nowMs + ms, order, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await turns();
      for (;;) {
        const due = timers
          .filter((timer) => timer.atMs <= untilMs)
          .sort((left, right) => left.atMs - right.atMs || left.order - right.order)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
        await turns();
      }
      nowMs = untilMs;
      await turns();
    },
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A capability of a test, typed loosely. */
export function testCapability(
  name: string,
  input: TSchema,
  output: TSchema,
  run: Capability["run"],
  rest: Partial<CapabilityOptions<TSchema, TSchema>> = {},
): Capability<never, unknown> {
  return defineCapability({ name, title: name, description: name, input, output, ...rest, run }) as Capability<never, unknown>;
}

export function testAgent(
  capabilities: readonly Capability<never, unknown>[],
  name = "test",
  agentClass: "kExecutor" | "kReviewer" | "kBridge" | "kPlanner" = "kExecutor",
): Agent {
  return defineAgent({ class: agentClass, name, version: "1.0.0", description: "test", capabilities });
}

export async function openTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const clock = options.clock ?? testClock();
  const did = encodeDidKey(createSigner(SEED).publicKey);
  const store = options.store ?? memoryStore({ signer: { did, privateKeySeed: SEED }, migrations: KCORE_MIGRATIONS });
  const blobs = options.blobs ?? new Map<string, Uint8Array>();
  const published: Published[] = [];
  const sent: { agent: string; message: MessageToAgent }[] = [];
  const agents = [createCoreAgent(), ...(options.agents ?? [])];
  seeds++;
  const random = seededRandom(seeds);
  const listeners = new Set<(hint: ReadyHint) => void>();
  const live = { dead: false };
  const late: { engine?: Engine } = {};
  const runners = new Map(
    agents.map((agent) => [
      agent.id,
      createAgentRunner({
        agent,
        send(message) {
          if (!live.dead) late.engine?.receive(agent.id, message, { envelopeHash: hashText(JSON.stringify(message)) });
        },
        artifacts: () => ({ put: () => Promise.reject(new Error("none")), get: () => Promise.reject(new Error("none")) }),
        log: () => ({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }),
        now: clock.now,
      }),
    ]),
  );
  const engine = await createEngine({
    log: store.log,
    tables: store.tables,
    blobs: {
      async put(bytes, mediaType) {
        const hash = hashText(bytes);
        blobs.set(hash, bytes);
        return { hash, bytes: bytes.length, media_type: mediaType };
      },
      async get(hash) {
        const bytes = blobs.get(hash);
        if (bytes === undefined) throw new Error(`no blob ${hash}`);
        return bytes;
      },
    },
    queue: {
      push: (hint) => {
        for (const listener of listeners) setImmediate(() => live.dead || listener(hint));
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    bus: { publish: (topic, message) => void (topic !== "plans" && published.push(message)) },
    transport: {
      send(agent, message) {
        if (live.dead) return;
        sent.push({ agent, message });
        if (options.silent?.includes(agent) !== true) runners.get(agent)?.handle(message);
      },
    },
    clock: { now: clock.now, after: (ms, run) => clock.after(ms, () => live.dead || run()) },
    newId: createUuidV7(clock.now, (length) => Uint8Array.from({ length }, () => random.int(0, 255))),
    random: random.next,
    idempotencyKey: ({ plan_id, task_id, generation }) => `${plan_id}/${task_id}/${generation}`,
    ...(options.limits && { limits: options.limits }),
    ...options.engine,
  });
  late.engine = engine;
  for (const agent of agents) {
    engine.registry.register({
      id: agent.id,
      class: agent.class,
      version: agent.version,
      description: agent.description,
      key: did,
      maxTasks: agent.limits.max_tasks,
      local: true,
      capabilities: [...agent.capabilities.values()].map(({ description, isIdempotent, idempotentForMs, effectsOf }) => ({
        description,
        ...(isIdempotent && { isIdempotent }),
        ...(idempotentForMs && { idempotentForMs }),
        ...(effectsOf && { effectsOf }),
      })),
    });
  }
  async function settle(): Promise<void> {
    for (let seen = -1; seen !== published.length + sent.length; ) {
      seen = published.length + sent.length;
      await turns();
    }
  }
  async function say(request: AgentRequest, message: object): Promise<void> {
    const { plan_id, task_id, payload } = request.message;
    const { attempt, lease_token } = payload;
    const { payload: words, ...type } = message as { payload: object };
    engine.receive(request.agent, { ...type, plan_id, task_id, payload: { attempt, lease_token, ...words } } as MessageFromAgent, {
      envelopeHash: "sha256:test",
    });
    await settle();
  }
  function requests(taskId: string): readonly AgentRequest[] {
    return sent.filter((one): one is AgentRequest => "capability" in one.message.payload && one.message.task_id === taskId);
  }
  return {
    request(taskId) {
      const found = requests(taskId).at(-1);
      if (found === undefined) throw new Error(`task ${taskId} was not sent to its agent`);
      return found;
    },
    timesSent: (taskId) => requests(taskId).length,
    result: (request, output) => say(request, { type: ANSWERS[request.message.type], payload: { output, run_ms: 1 } }),
    error: (request, { code, retryable = false, details }) =>
      say(request, {
        type: "TASK_ERROR",
        payload: { error: { code, message: `said ${code}`, retryable, ...(details && { details }) }, run_ms: 1 },
      }),
    beginEffect: (request) => say(request, { type: "TASK_PROGRESS", payload: { effect: "begin" } }),
    checkpoint: (request, n, checkpoint) => say(request, { type: "TASK_PROGRESS", payload: { checkpoint, n } }),
    types: async (planId) => (await engine.queries.events("local", planId, { limit: 5000 })).items.map((event) => event.type),
    engine,
    clock,
    store,
    blobs,
    published,
    sent,
    settle,
    plan: (planId) => engine.queries.plan("local", planId),
    async run(tasks, { approval, start, fsRoots, ...rest } = {}) {
      const graph = graphOf(tasks, rest);
      const accepted = await engine.submit({
        caller: ADA,
        graph,
        start: start ?? true,
        ...(approval !== undefined && { approval }),
        ...(fsRoots && { fsRoots }),
      });
      await settle();
      return accepted.plan_id;
    },
    crash() {
      live.dead = true;
    },
    async reopen(more = {}) {
      live.dead = true;
      return openTestEngine({ ...options, store, clock, blobs, engine: { ...options.engine, ...more } });
    },
  };
}

export function graphOf(
  tasks: readonly (Partial<Task> & Pick<Task, "task_id" | "capability">)[],
  rest: Partial<PlanGraph> = {},
): PlanGraph {
  return {
    goal: "test",
    strategy: "explicit",
    tasks: tasks.map((task) => ({ title: task.task_id, params: {}, depends_on: [], ...task })),
    output: null,
    ...rest,
  };
}
