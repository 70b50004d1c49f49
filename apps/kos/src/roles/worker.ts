// Process role: the child process of one agent. It speaks KLP on its standard streams, logs records on standard error, and ends with its input.

import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { CallAddress } from "@kos/agent";
import { fileBlobs } from "@kos/blobs";
import { type AgentId, createIdentity, selfTest, toWireError } from "@kos/klp";
import { createLogger, isLogLevel, jsonLinesSink, type Logger, withTaskContext } from "@kos/telemetry";
import { type ChannelBlobs, connectBlobs, runWorkerHost } from "@kos/workers";
import { blobArtifacts, valueBlobs } from "../agents/blob-artifacts.ts";
import { loadAgent } from "../agents/load-agent.ts";
import { taskLogger } from "../agents/task-logger.ts";
import { BLOB_DESCRIPTOR, decodeWorkerSpec, WORKER_HEARTBEAT_MS, WORKER_SPEC_VARIABLE } from "../agents/worker-spec.ts";
import { dataFolderAt } from "../data/data-folder.ts";
import { keyStore } from "../data/key-store.ts";

const stderrSink = jsonLinesSink({ write: (line) => void process.stderr.write(line) });

async function main(): Promise<number> {
  selfTest();
  const spec = decodeWorkerSpec(process.env[WORKER_SPEC_VARIABLE] ?? "{}");
  const folder = dataFolderAt(spec.data);
  const level = isLogLevel(spec.log_level) ? spec.log_level : "info";
  const logger = createLogger({ sink: stderrSink, level, now: Date.now, agent: spec.agent_id });
  const dataEntry = fileURLToPath(new URL(`./data${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));
  const agent = await loadAgent(spec.agent_id, { searchPath: process.env["PATH"] ?? "", dataEntry, egress: spec.egress });
  const blobs = spec.blobs === "door" ? blobDoor() : await fileBlobs(folder.blobs);
  const artifacts = blobArtifacts(blobs, spec.max_artifact_bytes);
  const within = <T>({ plan_id, task_id, trace_id, attempt }: CallAddress, work: () => Promise<T>): Promise<T> =>
    withTaskContext({ plan_id, task_id, trace_id }, () => told(logger, attempt, work));
  const brokenBy = await runWorkerHost({
    agent,
    identity: createIdentity(spec.agent_id as AgentId, keyStore(folder.keys).seed(spec.agent_id)),
    engine: spec.engine,
    input: process.stdin,
    output: process.stdout,
    now: Date.now,
    defer: (run) => void setImmediate(run),
    blobs: valueBlobs(blobs),
    artifacts: () => artifacts,
    log: (call) => taskLogger(logger, call),
    within,
    heartbeatMs: WORKER_HEARTBEAT_MS,
    every(ms, run) {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
  });
  if (brokenBy) logger.error("the link to kCore broke", { error: toWireError(brokenBy) });
  return brokenBy ? 1 : 0;
}

/** Open as long as the process; what keeps the process is its input. */
function blobDoor(): ChannelBlobs {
  const stream = new Socket({ fd: BLOB_DESCRIPTOR, readable: true, writable: true });
  stream.unref();
  return connectBlobs(stream);
}

/** The log of a task begins and ends with the task. */
async function told<T>(logger: Logger, attempt: number, work: () => Promise<T>): Promise<T> {
  logger.debug("the call begins", { attempt });
  try {
    const output = await work();
    logger.debug("the call has ended", { attempt });
    return output;
  } catch (thrown) {
    logger.info("the call failed", { attempt, error: toWireError(thrown) });
    throw thrown;
  }
}

process.exitCode = await main();
