// The engine with the parts a node gives it, in one process: SQLite store with its writer thread, file blobs, agents beside the engine.

import { join } from "node:path";
import { type Agent, type AgentRunner, createAgentRunner } from "@kos/agent";
import { fileBlobs } from "@kos/blobs";
import {
  type AgentRegistration,
  createCoreAgent,
  createEngine,
  type Engine,
  type EngineLimits,
  KCORE_MIGRATIONS,
  type Published,
} from "@kos/kcore";
import { canonicalJson, createUuidV7, hmacSha256, KosError, randomBytes, sha256Hex } from "@kos/klp";
import type { PlanGraph } from "@kos/plan";
import { type EventLog, type Store, sqliteStore } from "@kos/store";
import { registrationOf } from "../../../apps/kos/src/agents/registration.ts";
import { systemClock } from "../../../apps/kos/src/clock.ts";
import { engineQueue } from "../../../apps/kos/src/engine-queue.ts";
import { benchSigner } from "./bench-signer.ts";

export interface BenchEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  /** Accepted and durable; returns the plan's id. */
  submit(graph: PlanGraph): Promise<string>;
  /** Runs a plan to its end. Rejects when it ends otherwise than well. */
  run(graph: PlanGraph, onAccepted?: (planId: string) => void): Promise<void>;
  /** Calls that agents have been given so far. */
  readonly dispatched: number;
}

export interface BenchEngineOptions {
  readonly folder: string;
  readonly agents: readonly Agent[];
  readonly limits?: Partial<EngineLimits>;
  /** Ids of agents that are sent calls and never answer. */
  readonly silent?: ReadonlySet<string>;
  /** Whether the store writes in a thread of its own, as in a node. Default true. */
  readonly threaded?: boolean;
  /** How long the engine may take to close. Default: its own. */
  readonly closeMs?: number;
  /** Puts something between the engine and its log. */
  readonly wrapLog?: (log: EventLog) => EventLog;
}

const TENANT_KEY = new Uint8Array(32).fill(9);
const HEARTBEAT_MS = 5_000;
const CALLER = { tenant: "local", id: "person:owner", kind: "person" } as const;
const END = "plan.finished";

export async function openBenchEngine(options: BenchEngineOptions): Promise<BenchEngine> {
  await using opened = new AsyncDisposableStack();
  const store = opened.use(
    await sqliteStore({
      path: join(options.folder, "kos.db"),
      signer: benchSigner,
      migrations: KCORE_MIGRATIONS,
      now: () => new Date().toISOString(),
      threaded: options.threaded ?? true,
    }),
  );
  const blobs = opened.use(await fileBlobs(join(options.folder, "blobs")));
  const queue = opened.use(
    engineQueue({ clock: systemClock, tables: store.tables, onError: (error) => process.stderr.write(`${String(error)}\n`) }),
  );
  const agents = [createCoreAgent(), ...options.agents];
  const runners = new Map<string, AgentRunner>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const ended = new Map<string, string>();
  let dispatched = 0;
  const running: { engine?: Engine } = {};

  function onPublished(topic: string, message: Published): void {
    if (topic !== "plans" || message.kind !== "event" || message.type !== END) return;
    const end = waiting.get(message.plan_id);
    if (end === undefined) ended.set(message.plan_id, message.plan_status);
    else settle(end, message.plan_id, message.plan_status);
  }

  function settle(end: PromiseWithResolvers<void>, planId: string, status: string): void {
    waiting.delete(planId);
    if (status === "succeeded") end.resolve();
    else end.reject(new Error(`plan ${planId} ended ${status}`));
  }

  for (const agent of agents) {
    const runner = createAgentRunner({
      agent,
      artifacts: () => ({ put: () => Promise.reject(new KosError("UNAVAILABLE", "The bench keeps no artifacts.")) }) as never,
      log: () => ({ debug() {}, info() {}, warn() {}, error() {} }),
      now: systemClock.now,
      // As the node does: a message within the process goes into the log by its hash.
      send: (message) =>
        running.engine?.receive(agent.id, message, {
          envelopeHash: `sha256:${sha256Hex(canonicalJson({ from: agent.id, to: "kCore:main", ...message }))}`,
        }),
    });
    runners.set(agent.id, runner);
  }

  const engine = await createEngine({
    log: options.wrapLog === undefined ? store.log : options.wrapLog(store.log),
    tables: store.tables,
    blobs: { put: async (bytes, media_type) => ({ ...(await blobs.put(bytes)), media_type }), get: (hash) => blobs.get(hash) },
    queue,
    bus: { publish: onPublished },
    transport: {
      send(agentId, message) {
        if (message.type === "TASK_REQUEST") dispatched += 1;
        if (options.silent?.has(agentId) !== true) runners.get(agentId)?.handle(message);
      },
    },
    clock: systemClock,
    newId: createUuidV7(Date.now, randomBytes),
    random: Math.random,
    idempotencyKey: ({ tenant, plan_id, task_id, generation }) =>
      Buffer.from(hmacSha256(TENANT_KEY, `${tenant}\0${plan_id}\0${task_id}\0${generation}`)).toString("base64url"),
    ...(options.limits && { limits: options.limits }),
  });
  opened.defer(() => engine.close(options.closeMs));
  running.engine = engine;
  const registrations: readonly AgentRegistration[] = agents.map((agent) =>
    registrationOf({ agent, hosting: { kind: "inline" } }, benchSigner.did, { agents: {}, limits: { capabilities: {} } }),
  );
  for (const registration of registrations) engine.registry.register(registration);
  const heartbeat = setInterval(() => {
    for (const { id } of registrations) engine.registry.heartbeat(id);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  opened.defer(() => clearInterval(heartbeat));

  const submit = async (graph: PlanGraph): Promise<string> => (await engine.submit({ caller: CALLER, graph, start: true })).plan_id;
  const owned = opened.move();
  return {
    engine,
    store,
    submit,
    async run(graph, onAccepted) {
      const planId = await submit(graph);
      onAccepted?.(planId);
      const status = ended.get(planId);
      const end = Promise.withResolvers<void>();
      if (status === undefined) waiting.set(planId, end);
      else {
        ended.delete(planId);
        settle(end, planId, status);
      }
      await end.promise;
    },
    get dispatched() {
      return dispatched;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
