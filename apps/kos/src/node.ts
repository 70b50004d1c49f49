// The composition root: joins storage, agents, engine and doors, and takes them down in the reverse order.

import { randomUUID } from "node:crypto";
import { createShareLinks, createUploadHandler } from "@kos/artifact-manager";
import { inProcessBus } from "@kos/bus";
import type { LoadedConfig } from "@kos/config";
import { createTokenVerifier, type Gateway, openContentDoor, startGateway } from "@kos/gateway";
import { type Clock, createCoreAgent, createEngine, type Engine } from "@kos/kcore";
import { createUuidV7, hmacSha256, KosError, randomBytes } from "@kos/klp";
import { createOwnPlaybooks, createPlannerAgent, createPlaybookLibrary, folderPlaybooks } from "@kos/kplanner";
import { forwardedRecords, type LogSink, prometheusMetrics, withTaskContext } from "@kos/telemetry";
import { type AgentHost, createAgentHost } from "./agents/agent-host.ts";
import { idleSettings } from "./agents/agent-settings.ts";
import { blobArtifacts } from "./agents/blob-artifacts.ts";
import { builtInAgents } from "./agents/built-in-agents.ts";
import { createManifests } from "./agents/manifests.ts";
import { registrationOf } from "./agents/registration.ts";
import { taskLogger } from "./agents/task-logger.ts";
import { WORKER_HEARTBEAT_MS, WORKER_PROVE_MS } from "./agents/worker-spec.ts";
import { openArtifactProjector } from "./artifacts/artifact-projector.ts";
import { createAuditVerification } from "./audit/audit-verification.ts";
import { keepCheckpoints } from "./audit/checkpoint-keeper.ts";
import { createConsoleBuilder } from "./console/console-builder.ts";
import { prepareDataFolder } from "./data/data-folder.ts";
import { createGrants } from "./data/grants.ts";
import { keyStore } from "./data/key-store.ts";
import { removeNodeFile, writeNodeFile } from "./data/node-file.ts";
import { takeNodeLock } from "./data/node-lock.ts";
import { ownerToken } from "./data/owner-token.ts";
import { createFrameSource } from "./doors/frame-source.ts";
import { createLogTopic } from "./doors/log-topic.ts";
import { engineLimits } from "./engine-limits.ts";
import { engineMetrics, observeNode } from "./engine-metrics.ts";
import { engineQueue } from "./engine-queue.ts";
import { createPlanEvidence } from "./evidence/archived-evidence.ts";
import { createEvidenceExport } from "./evidence/evidence-export.ts";
import { createHandlers } from "./handlers/handlers.ts";
import { loadIdentities } from "./identities.ts";
import { type JobWatch, watchJob } from "./job-mode.ts";
import { liveCatalogue } from "./planning/live-catalogue.ts";
import { createPlanning } from "./planning/planning.ts";
import { playbookViews } from "./planning/playbook-catalogue.ts";
import { createScheduledGraph } from "./planning/scheduled-graph.ts";
import { createArchive } from "./retention/archive.ts";
import { archiveChecker } from "./retention/archive-checker.ts";
import { createRetentionService } from "./retention/retention-service.ts";
import { openStorage } from "./storage.ts";

export interface NodeOptions {
  readonly data: string;
  readonly config: LoadedConfig;
  readonly mode: "service" | "job";
  readonly version: string;
  readonly clock: Clock;
  /** Entries of the other process roles. */
  readonly entries: { readonly worker: string; readonly writer: URL; readonly auditor: URL };
  readonly shippedPlaybooks: string;
  /** Where the built web console lies, and the program that builds it. */
  readonly console: { readonly folder: string; readonly program: string; readonly env: NodeJS.ProcessEnv };
  /** The PATH that child processes get. */
  readonly path: string;
  readonly watchLog: LogSink | undefined;
  readonly onLogError: (error: unknown) => void;
}

export interface KosNode {
  readonly url: string;
  readonly did: string;
  readonly data: string;
  /** Resolves when the node ends by itself or was told to by a door; rejects when the engine had to stop: the disk failed, or another owner came. */
  readonly stopped: Promise<void>;
  /** Takes no new work, lets what is under way reach the disk, ends the children. At most 10 s. */
  close(): Promise<void>;
}

const JOB_QUIET_MS = 3_000;
const CLOSE_MS = 10_000;
const TENANT = "local";
/** One when embedded. */
const PARTITION = 0;

/** Errors: CONFLICT (the folder or the port is taken), FORBIDDEN (a folder or key open to others), STORE_NEWER and what the parts throw. */
export async function startNode(options: NodeOptions): Promise<KosNode> {
  const { clock, version } = options;
  const config = options.config.value;
  const startedAt = new Date(clock.now()).toISOString();
  if (config.listen.allow_remote) {
    throw new KosError(
      "FORBIDDEN",
      "This version of kOS listens on loopback only: there are no accounts yet for people on other machines. Set listen.allow_remote to false, and reach the node through an SSH tunnel.",
    );
  }
  await using opened = new AsyncDisposableStack();
  const folder = prepareDataFolder(options.data);
  opened.use(takeNodeLock(folder.lock));
  const identities = loadIdentities(keyStore(folder.keys), clock.now);
  const logTopic = createLogTopic();
  const storage = opened.use(
    await openStorage({
      folder,
      config,
      identities,
      clock,
      writerEntry: options.entries.writer,
      watch: options.watchLog,
      topic: logTopic.sink,
      onLogError: options.onLogError,
    }),
  );
  const { store, blobs, logger, logs } = storage;
  if (config.audit.checkpoint_path !== undefined) {
    const { publicKey } = identities.node;
    opened.use(
      await keepCheckpoints({ path: config.audit.checkpoint_path, log: store.log, publicKey, partitions: [PARTITION], clock, logger }),
    );
  }
  const newId = createUuidV7(clock.now, randomBytes);
  const bus = opened.use(inProcessBus({ onError: (error) => logger.error("a subscriber failed", { error }) }));
  const metrics = opened.use(prometheusMetrics({ now: clock.now }));
  const queue = opened.use(
    engineQueue({ clock, tables: store.tables, onError: (error) => logger.error("plans with work could not be looked for", { error }) }),
  );

  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined); // Whoever waits for `stopped` sees it; a start that fails has its own error.
  const late: { engine?: Engine; gateway?: Gateway; watch?: JobWatch } = {};
  const running = (): Engine => {
    if (!late.engine) throw new KosError("UNAVAILABLE", "The node is still starting.");
    return late.engine;
  };
  const playbookSource = folderPlaybooks([
    { path: folder.playbooks, origin: "own" },
    { path: options.shippedPlaybooks, origin: "shipped" },
  ]);
  const library = createPlaybookLibrary(playbookSource);
  const catalogue = liveCatalogue(() => late.engine?.registry);
  const planner = createPlannerAgent({ playbooks: library, catalogue, check: { limits: { maxTasks: config.limits.plan_tasks } } });
  const agents = await builtInAgents({
    config,
    data: folder.path,
    workerEntry: options.entries.worker,
    path: options.path,
    identities,
    clock,
    blobs,
    logger,
    records: forwardedRecords({ sink: storage.records, now: clock.now }),
    inline: [createCoreAgent(), planner],
  });
  const host: AgentHost = createAgentHost({
    agents,
    clock,
    newId,
    idleMs: config.workers.idle_ms,
    graceMs: config.workers.grace_ms,
    silentMs: 3 * WORKER_HEARTBEAT_MS,
    proveMs: WORKER_PROVE_MS,
    artifacts: () => blobArtifacts(blobs, config.limits.upload_bytes),
    log: (call) => taskLogger(logger, call),
    within: ({ plan_id, task_id, trace_id }, work) => withTaskContext({ plan_id, task_id, trace_id }, work),
    onMessage: (agentId, message, evidence) => running().receive(agentId, message, evidence),
    onHeartbeat(agentId, calls) {
      running().registry.heartbeat(agentId, calls);
      metrics.heartbeat(agentId);
    },
    onLost: (calls) => running().lost(calls),
  });
  opened.defer(() => host.close());

  const planning = createPlanning({ host, playbooks: () => playbookViews(library) });
  const grants = createGrants({
    folder: folder.grants,
    fsRoots: config.fs.roots,
    now: clock.now,
    onMissing: (path, error) => logger.warn("a folder of fs.roots cannot be reached; runs go without it", { path, error }),
  });
  const newTraceId = () => randomUUID().replaceAll("-", "");
  const engine = await createEngine({
    log: store.log,
    tables: store.tables,
    blobs: { put: async (bytes, media_type) => ({ ...(await blobs.put(bytes)), media_type }), get: (hash) => blobs.get(hash) },
    queue,
    bus: { publish: (topic, message) => bus.publish(topic, message) },
    transport: host,
    clock,
    newId,
    random: Math.random,
    idempotencyKey: ({ tenant, plan_id, task_id, generation }) =>
      Buffer.from(hmacSha256(identities.tenantKey, `${tenant}\0${plan_id}\0${task_id}\0${generation}`)).toString("base64url"),
    metrics: engineMetrics(metrics),
    limits: engineLimits(config),
    logger,
    onStopped(error) {
      logger.fatal("the engine has stopped: nothing is acknowledged any more", { error });
      ended.reject(error);
    },
    playbookHash: async (name) => (await library.describe(name))?.hash,
    scheduledGraph: createScheduledGraph(planning, newTraceId),
  });
  late.engine = engine;
  const { registry, queries } = engine;
  opened.defer(() => running().close(CLOSE_MS));
  for (const hosted of agents) registry.register(registrationOf(hosted, identities.agent(hosted.agent.id).did, config));
  const idle = idleSettings(config, agents);
  if (idle.length > 0) logger.warn("settings that change nothing on this node", { keys: idle });

  const artifacts = opened.use(
    await openArtifactProjector({
      store,
      bus,
      blobs,
      partitions: [PARTITION],
      partitionOf: () => PARTITION,
      newId,
      now: clock.now,
      logger,
    }),
  );
  const evidence = createEvidenceExport({ log: store.log, blobs, node: identities.node, partitionOf: () => PARTITION, now: clock.now });
  const check = archiveChecker(options.entries.auditor, identities.node.publicKey);
  const archive = createArchive({ path: folder.archive, evidence, check });
  const retention = opened.use(
    createRetentionService({
      policy: config.retention,
      store,
      engine: engine.retention,
      archive,
      artifacts: artifacts.index,
      blobs,
      partitions: [PARTITION],
      clock,
      logger,
    }),
  );
  const nodeUrl = () => late.gateway?.url ?? "";
  const onInternalError = (error: unknown, trace_id: string) => logger.error("a request failed", { error, trace_id });
  const { host: contentHost, port: contentPort } = config.content_origin;
  // A node on any free port has its previews on any free one, too.
  const contentDoor = await openContentDoor({
    host: contentHost,
    port: config.listen.port === 0 ? 0 : contentPort,
    now: clock.now,
    newTraceId,
    onInternalError,
  });
  opened.defer(() => contentDoor.close());
  const console = opened.use(
    createConsoleBuilder({
      ...options.console,
      onFailure: (reason) => logger.warn("the web console could not be built", { reason }),
    }),
  );
  const tokens = createTokenVerifier({ ownerToken: ownerToken(folder.ownerToken), tenant: TENANT, now: clock.now });
  const handlers = createHandlers({
    playbooks: {
      engine,
      planning,
      catalogue,
      own: createOwnPlaybooks({ folder: folder.playbooks, source: playbookSource, catalogue }),
    },
    plans: {
      engine,
      planning,
      grants,
      evidence: createPlanEvidence(engine, evidence, archive),
    },
    schedules: { engine, planning, grants, timeZone: config.profile.time_zone },
    retention,
    agents: {
      engine,
      host,
      now: clock.now,
      manifestOf: createManifests(
        agents.map(({ agent }) => agent),
        identities,
      ),
      nodeStatus: async () => ({
        did: identities.node.did,
        version,
        started_at: startedAt,
        data: folder.path,
        plans_open: (await openPlans(queries)).length,
      }),
    },
    artifacts: {
      index: artifacts.index,
      settle: artifacts.settle,
      shares: createShareLinks({ tables: store.tables, key: identities.shareKey, now: clock.now, newId }),
      url: nodeUrl,
      contentDoor,
      consoleOrigins: () => consoleOrigins(nodeUrl(), config.listen.allowed_origins),
      uploads: createUploadHandler({
        index: artifacts.index,
        blobs,
        maxBytes: config.limits.upload_bytes,
        quotaBytes: config.limits.artifact_quota_bytes,
      }),
    },
    node: {
      config: options.config,
      logs,
      metrics,
      observe: () => observeNode(metrics, engine, logs, TENANT),
      audit: createAuditVerification({
        entry: options.entries.auditor,
        path: folder.database,
        publicKey: identities.node.publicKey,
        checkpointPath: config.audit.checkpoint_path,
      }),
      node: identities.node,
      registry,
      tokens,
      ownerTokenPath: folder.ownerToken,
      version,
      url: nodeUrl,
      stop: ended.resolve,
    },
    console,
  });
  const gateway = await startGateway({
    handlers,
    frames: createFrameSource({ bus, queries, logs: logTopic }),
    tokens,
    host: config.listen.host,
    port: config.listen.port,
    allowedHosts: config.listen.allowed_hosts,
    allowedOrigins: config.listen.allowed_origins,
    limits: { bodyBytes: config.limits.body_bytes, planBytes: PLAN_BYTES, uploadBytes: config.limits.upload_bytes },
    doorLimits: { requestsPerSecond: config.limits.requests_per_s, requestBurst: REQUEST_BURST_S * config.limits.requests_per_s },
    now: clock.now,
    console: { folder: options.console.folder, contentOrigin: contentDoor.origin },
    newTraceId,
    observe: () => late.watch?.touch(),
    onInternalError,
  });
  late.gateway = gateway;
  const { url } = gateway;
  opened.defer(() => gateway.close());
  writeNodeFile(folder.nodeFile, {
    pid: process.pid,
    url,
    content_origin: contentDoor.origin,
    did: identities.node.did,
    version,
    started_at: startedAt,
    mode: options.mode,
  });
  opened.defer(() => removeNodeFile(folder.nodeFile));
  // A node that is up for one job alone leaves due times to one that stays.
  if (options.mode === "service") {
    engine.schedules.start();
    retention.start();
  }
  if (options.mode === "job") {
    const isBusy = async () => (await openPlans(queries)).length > 0;
    const watch = watchJob({ clock, quietMs: JOB_QUIET_MS, isBusy, onQuiet: ended.resolve });
    late.watch = watch;
    opened.defer(() => watch.stop());
  }
  logger.info("the node is ready", { url, version });
  const owned = opened.move();
  return { url, did: identities.node.did, data: folder.path, stopped: ended.promise, close: () => owned.disposeAsync() };
}

/** Every way to spell this machine that the door answers to. */
function consoleOrigins(url: string, listed: readonly string[]): readonly string[] {
  const { port } = new URL(url);
  return [...new Set([new URL(url).origin, `http://localhost:${port}`, `http://127.0.0.1:${port}`, ...listed])];
}

const PLAN_BYTES = 8 * 1024 * 1024;
/** What a caller may have saved up, in seconds of its rate. */
const REQUEST_BURST_S = 5;

/** Plans that have not ended and are not put aside: a node that was started for a job stays for them. */
async function openPlans(queries: Engine["queries"]): Promise<readonly unknown[]> {
  return (await queries.plans({ tenant: TENANT, status: ["running", "waiting_approval", "waiting_input"], limit: 500 })).items;
}
