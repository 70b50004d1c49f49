// How a child process of an agent is started: the same runtime, the worker's entry, an environment of two variables.

import type { MessageFromAgent } from "@kos/agent";
import type { Identity, KosError } from "@kos/klp";
import { startWorkerProcess, type ValueBlobs, type WorkerConnection, type WorkerEvents } from "@kos/workers";
import { encodeWorkerSpec, WORKER_SPEC_VARIABLE, type WorkerSpec } from "./worker-spec.ts";

export interface WorkerStartOptions {
  readonly entry: string;
  readonly spec: WorkerSpec;
  readonly agentKey: string;
  readonly memoryMb: number;
  readonly engine: Identity;
  readonly now: () => number;
  readonly blobs: ValueBlobs;
  /** For finding programs such as git. */
  readonly path: string;
  readonly onLogLine: (line: string, pid: number) => void;
  readonly onBroken: (error: KosError) => void;
}

export function workerStarter(options: WorkerStartOptions): (events: WorkerEvents) => WorkerConnection {
  return (events) =>
    startWorkerProcess({
      command: [process.execPath, `--max-old-space-size=${options.memoryMb}`, "--disable-warning=ExperimentalWarning", options.entry],
      env: { PATH: options.path, [WORKER_SPEC_VARIABLE]: encodeWorkerSpec(options.spec) },
      cwd: options.spec.data,
      identity: options.engine,
      agent: { id: options.spec.agent_id, key: options.agentKey },
      now: options.now,
      blobs: options.blobs,
      defer: (run) => void setImmediate(run),
      onLogLine: options.onLogLine,
      onBroken: options.onBroken,
      onHeartbeat: events.onHeartbeat,
      onMessage: (message: MessageFromAgent, evidence) => events.onMessage(message, evidence),
    });
}
