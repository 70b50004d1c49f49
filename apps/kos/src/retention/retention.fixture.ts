// A node's storage, engine and retention with nothing around them: time stands still until it is moved, and nothing leaves the engine.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineAgent, defineCapability, type MessageFromAgent, type MessageToAgent } from "@kos/agent";
import { ARTIFACT_MIGRATIONS, createArtifactIndex } from "@kos/artifact-manager";
import { fileBlobs } from "@kos/blobs";
import { type Caller, type Clock, createCoreAgent, createEngine, type Engine, KCORE_MIGRATIONS } from "@kos/kcore";
import { type AgentId, createIdentity, createUuidV7 } from "@kos/klp";
import { auditStore, type Store, sqliteStore } from "@kos/store";
import { createLogger } from "@kos/telemetry";
import { afterAll, vi } from "vitest";
import { createPlanEvidence } from "../evidence/archived-evidence.ts";
import { createEvidenceExport } from "../evidence/evidence-export.ts";
import { createArchive } from "./archive.ts";
import { checkArchive } from "./archive-check.ts";
import type { RetentionParts } from "./retention-run.ts";

export const DAY = 86_400_000;
export const ADA: Caller = { tenant: "local", id: "person:ada", kind: "person" };
const SEED = new Uint8Array(32).fill(9);
export const IDENTITY = createIdentity("kCore:main" as AgentId, SEED);
type EngineOptions = Parameters<typeof createEngine>[0];
/** An agent that only the test answers for. */
const WALKER = defineAgent({
  class: "kExecutor",
  name: "walker",
  version: "1.0.0",
  description: "test",
  capabilities: [
    defineCapability({
      name: "site.walk",
      title: "walk",
      description: "walk",
      input: {},
      output: { type: "object", properties: { state: { type: "object", "x-kos-type": "artifact" } } },
      max_concurrent: 10,
      run: () => Promise.reject(new Error("the test answers")),
    }),
  ],
});
type Request = Extract<MessageToAgent, { payload: { capability: string } }>;
const root = mkdtempSync(join(tmpdir(), "kos-retention-"));
let folders = 0;

afterAll(() => rmSync(root, { recursive: true }));

/** A node's storage and engine with nothing around them; time stands still until it is moved. */
export async function openHouse(
  options: {
    readonly folder?: string;
    readonly startMs?: number;
    readonly policy?: Partial<RetentionParts["policy"]>;
    readonly scheduledGraph?: EngineOptions["scheduledGraph"];
  } = {},
) {
  const folder = options.folder ?? join(root, `data-${folders++}`);
  const path = join(folder, "kos.db");
  let nowMs = options.startMs ?? Date.parse("2027-01-10T00:00:00Z");
  const clock: Clock = { now: () => nowMs, after: (_, run) => (setImmediate(run), () => undefined) };
  const still: Clock = { now: clock.now, after: () => () => undefined };
  let random = 0;
  const newId = createUuidV7(clock.now, (length) =>
    createHash("sha256").update(`${folder}${nowMs}${random++}`).digest().subarray(0, length),
  );
  const migrations = [...KCORE_MIGRATIONS, ...ARTIFACT_MIGRATIONS];
  const signer = { did: IDENTITY.did, privateKeySeed: SEED };
  const now = () => new Date(nowMs).toISOString();
  const store: Store = await sqliteStore({ path, signer, migrations, now, threaded: false });
  const sent: MessageToAgent[] = [];
  let hints: Parameters<EngineOptions["queue"]["subscribe"]>[0] | undefined;
  const blobs = await fileBlobs(join(folder, "blobs"));
  const engine: Engine = await createEngine({
    log: store.log,
    tables: store.tables,
    blobs: { put: async (bytes, media_type) => ({ ...(await blobs.put(bytes)), media_type }), get: (hash) => blobs.get(hash) },
    queue: {
      push: (hint) => void setImmediate(() => hints?.(hint)),
      subscribe(listener) {
        hints = listener;
        return () => {
          hints = undefined;
        };
      },
    },
    bus: { publish: () => undefined },
    transport: { send: (_agent, message) => void sent.push(message) },
    clock: still,
    newId,
    random: () => 0.5,
    idempotencyKey: ({ plan_id }) => plan_id,
    scheduledGraph: options.scheduledGraph ?? (async () => graph("scheduled")),
  });
  for (const agent of [createCoreAgent(), WALKER]) {
    engine.registry.register({
      id: agent.id,
      class: agent.class,
      version: agent.version,
      description: agent.description,
      key: IDENTITY.did,
      maxTasks: 100,
      local: true,
      capabilities: [...agent.capabilities.values()].map(({ description }) => ({ description })),
    });
  }
  const evidence = createEvidenceExport({ log: store.log, blobs, node: IDENTITY, partitionOf: () => 0, now: clock.now });
  const archive = createArchive({
    path: join(folder, "archive"),
    evidence,
    check: async (bytes, planId) => checkArchive(bytes, planId, IDENTITY.publicKey),
  });
  const artifacts = createArtifactIndex({ tables: store.tables, blobs, now: clock.now, newId });
  const policy: RetentionParts["policy"] = {
    logs_days: 14,
    plan_days: 30,
    store_bytes: 1_000_000_000,
    artifacts_ephemeral_hours: 24,
    artifacts_session_days: 7,
    artifacts_standard_days: 90,
    ...options.policy,
  };
  const logger = createLogger({ sink: { write: () => undefined } as never, level: "fatal", now: clock.now, agent: "test" });
  const parts: RetentionParts = {
    policy,
    store,
    engine: engine.retention,
    archive,
    artifacts,
    blobs,
    partitions: [0],
    now: clock.now,
    logger,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  };
  function age(hash: string): void {
    const hex = hash.slice("sha256:".length);
    utimesSync(join(folder, "blobs", hex.slice(0, 2), hex.slice(2, 4), hex), 1, 1);
  }
  return {
    folder,
    path,
    store,
    engine,
    blobs,
    archive,
    artifacts,
    parts,
    planEvidence: createPlanEvidence(engine, evidence, archive),
    nowMs: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A plan that has ended, with this much text in its events. */
    async endedPlan(characters = 2_000): Promise<string> {
      const { plan_id: planId } = await engine.submit({ caller: ADA, graph: graph("x".repeat(characters)), start: false });
      await engine.command(ADA, { kind: "cancel", planId });
      return planId;
    },
    /** Several at once: they share their commits. */
    endedPlans(count: number, characters: number): Promise<readonly string[]> {
      return Promise.all(Array.from({ length: count }, () => this.endedPlan(characters)));
    },
    /** A blob as of long ago, so that a sweep may take it. */
    async oldBlob(text: string): Promise<{ readonly hash: string; readonly bytes: number }> {
      const info = await blobs.put(new TextEncoder().encode(text));
      age(info.hash);
      return info;
    },
    age,
    /** The newest request of that plan to the walker. */
    async request(planId: string): Promise<Request> {
      const found = await vi.waitUntil(() =>
        sent.findLast((message): message is Request => "capability" in message.payload && message.plan_id === planId),
      );
      return found;
    },
    /** The walker speaks. */
    say({ plan_id, task_id, payload }: Request, type: "TASK_PROGRESS" | "TASK_RESULT", words: object): void {
      const { attempt, lease_token } = payload;
      const message = { type, plan_id, task_id, payload: { attempt, lease_token, ...words } };
      engine.receive(WALKER.id, message as MessageFromAgent, { envelopeHash: "sha256:test" });
    },
    audit: () => auditStore({ path, publicKey: IDENTITY.publicKey }),
    async close() {
      await engine.close(0);
      await store[Symbol.asyncDispose]();
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export function graph(text: string) {
  return {
    goal: text.slice(0, 9_000),
    strategy: "explicit" as const,
    tasks: [{ task_id: "nap", title: "nap", capability: "flow.sleep", params: { ms: 5 }, depends_on: [] }],
    output: text,
  };
}
