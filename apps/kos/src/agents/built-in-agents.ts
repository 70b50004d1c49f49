// The node's own agents, ready to be hosted: kCore and kPlanner beside the engine, all others in child processes.

import type { Agent } from "@kos/agent";
import type { KosConfig } from "@kos/config";
import type { Clock } from "@kos/kcore";
import type { ForwardedRecords, Logger } from "@kos/telemetry";
import type { ChannelBlobs } from "@kos/workers";
import type { Identities } from "../identities.ts";
import type { HostedAgent } from "./agent-host.ts";
import { agentSettings } from "./agent-settings.ts";
import type { Needs } from "./confinement.ts";
import { loadAgent, WORKER_AGENT_IDS } from "./load-agent.ts";
import { workerStarter } from "./worker-command.ts";

export interface BuiltInAgentOptions {
  readonly config: KosConfig;
  readonly data: string;
  readonly workerEntry: string;
  readonly path: string;
  readonly identities: Identities;
  readonly clock: Clock;
  readonly blobs: ChannelBlobs;
  readonly logger: Logger;
  readonly records: ForwardedRecords;
  /** Agents beside the engine. */
  readonly inline: readonly Agent[];
}

/** Calls in one process at once: work that computes shares badly, work that waits shares well. */
const SLOTS: Readonly<Record<string, number>> = { "kBridge:http": 16, "kExecutor:web": 8, "kReviewer:main": 4 };
const DEFAULT_SLOTS = 1;
/** Agents that need no more than one process; kExecutor:web keeps its manners towards a host in one place. */
const SINGLE: ReadonlySet<string> = new Set(["kBridge:http", "kExecutor:web", "kReviewer:main"]);
/** Agents that talk to the outside and get the owner's rules for it. */
const OUTWARD: ReadonlySet<string> = new Set(["kBridge:http", "kExecutor:web"]);

/** Agents whose processes read hostile bytes, and all that they need for it. */
const CONFINED: ReadonlyMap<string, Needs> = new Map([
  ["kExecutor:documents", { roots: true, network: false }],
  ["kExecutor:web", { roots: false, network: true }],
]);

/** Without those that the owner has switched off: nobody offers what they can then. */
export async function builtInAgents(options: BuiltInAgentOptions): Promise<readonly HostedAgent[]> {
  const enabled = WORKER_AGENT_IDS.filter((id) => agentSettings(options.config, id).enabled !== false);
  const workers = await Promise.all(enabled.map((id) => workerAgent(id, options)));
  return [...options.inline.map((agent) => ({ agent, hosting: { kind: "inline" } as const })), ...workers];
}

async function workerAgent(id: string, options: BuiltInAgentOptions): Promise<HostedAgent> {
  const { config, identities, records, logger } = options;
  const needs = CONFINED.get(id);
  const egress = OUTWARD.has(id) ? { egress: config.egress } : {};
  const start = workerStarter({
    entry: options.workerEntry,
    spec: {
      data: options.data,
      agent_id: id,
      engine: { id: identities.engine.id, key: identities.engine.did },
      blobs: needs ? "door" : "folder",
      max_artifact_bytes: config.limits.upload_bytes,
      log_level: config.logging.level,
      ...egress,
    },
    agentKey: identities.agent(id).did,
    memoryMb: agentSettings(config, id).memory_mb ?? config.workers.memory_mb,
    ...(needs && { confinedTo: needs }),
    engine: identities.engine,
    now: options.clock.now,
    blobs: options.blobs,
    path: options.path,
    onLogLine: (line, pid) => records.accept(parseRecord(line, pid), { agent: id }),
    onBroken: (error) => logger.error("the link to a worker process broke and it was ended", { agent_id: id, code: error.code, error }),
  });
  const size = SINGLE.has(id) ? 1 : config.workers.count;
  return {
    agent: await loadAgent(id, { searchPath: options.path, ...egress }),
    hosting: { kind: "processes", size, slots: SLOTS[id] ?? DEFAULT_SLOTS, perRoots: needs?.roots ?? false, start },
  };
}

/** A child writes records as JSON lines; anything else (a crash of the runtime) is kept as text. */
function parseRecord(line: string, pid: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { level: "warn", message: line, fields: { pid } };
  }
}
