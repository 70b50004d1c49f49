// How a child process of an agent is started: the same runtime, the worker's entry, an environment of two variables.

import type { MessageFromAgent } from "@kos/agent";
import type { Identity, KosError } from "@kos/klp";
import { type ChannelBlobs, startWorkerProcess, type WorkerConnection, type WorkerEvents } from "@kos/workers";
import { valueBlobs } from "./blob-artifacts.ts";
import { confinement, memoryLimit, type Needs } from "./confinement.ts";
import { encodeWorkerSpec, WORKER_SPEC_VARIABLE, type WorkerSpec } from "./worker-spec.ts";

export interface WorkerStartOptions {
  readonly entry: string;
  readonly spec: WorkerSpec;
  readonly agentKey: string;
  readonly memoryMb: number;
  /** Confines the process to its code, its key and these; blobs it has to ask for. */
  readonly confinedTo?: Needs;
  readonly engine: Identity;
  readonly now: () => number;
  readonly blobs: ChannelBlobs;
  /** For finding programs such as git. */
  readonly path: string;
  readonly onLogLine: (line: string, pid: number) => void;
  readonly onBroken: (error: KosError) => void;
}

export function workerStarter(options: WorkerStartOptions): (events: WorkerEvents, fsRoots: readonly string[]) => WorkerConnection {
  return (events, fsRoots) =>
    startWorkerProcess({
      command: commandOf(options, fsRoots),
      env: { PATH: options.path, [WORKER_SPEC_VARIABLE]: encodeWorkerSpec(options.spec) },
      cwd: options.spec.data,
      identity: options.engine,
      agent: { id: options.spec.agent_id, key: options.agentKey },
      now: options.now,
      blobs: valueBlobs(options.blobs),
      ...(options.confinedTo && { blobDoor: { blobs: options.blobs, maxBytes: options.spec.max_artifact_bytes } }),
      defer: (run) => void setImmediate(run),
      onLogLine: options.onLogLine,
      onBroken: options.onBroken,
      onHeartbeat: events.onHeartbeat,
      onMessage: (message: MessageFromAgent, evidence) => events.onMessage(message, evidence),
    });
}

function commandOf(options: WorkerStartOptions, fsRoots: readonly string[]): readonly [string, ...string[]] {
  const { entry, memoryMb, spec, confinedTo: needs } = options;
  const runtime = [process.execPath, `--max-old-space-size=${memoryMb}`, "--disable-warning=ExperimentalWarning"] as const;
  if (needs === undefined) return [...runtime, entry];
  const confined = [...runtime, ...confinement({ entry, data: spec.data, agentId: spec.agent_id, needs, fsRoots }), entry] as const;
  const [limiter, ...limits] = memoryLimit(memoryMb, options.path);
  return limiter === undefined ? confined : [limiter, ...limits, ...confined];
}
