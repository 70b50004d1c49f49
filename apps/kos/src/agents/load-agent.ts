// The node's worker agents by id, each loaded only in the process that needs it.

import type { Agent } from "@kos/agent";
import { KosError } from "@kos/klp";

export interface AgentSettings {
  /** The PATH on which programs such as git are looked for. */
  readonly searchPath: string;
  /** The entry of the process that reads data sets; only where the agent runs. */
  readonly dataEntry?: string;
  /** The `egress` section of the configuration. */
  readonly egress?: unknown;
}

type Loader = (settings: AgentSettings) => Promise<Agent>;

const LOADERS: Readonly<Record<string, Loader>> = {
  "kExecutor:files": async ({ searchPath }) =>
    (await import("@kos/kexecutor")).createExecutorAgent({ git: { command: "git", searchPath } }),
  "kExecutor:data": async ({ dataEntry }) =>
    (await import("@kos/kexecutor")).createDataAgent({ runtime: process.execPath, entry: dataEntry ?? "" }),
  "kExecutor:documents": async () => (await import("@kos/kexecutor")).createDocumentsAgent(),
  async "kExecutor:web"({ egress }) {
    const [{ createWebAgent }, { resolveEgressConfig, systemNetwork }] = await Promise.all([
      import("@kos/kexecutor"),
      import("@kos/egress"),
    ]);
    return createWebAgent({ config: resolveEgressConfig(egress), network: systemNetwork({}), now: Date.now });
  },
  "kReviewer:main": async () => (await import("@kos/kreviewer")).createReviewerAgent(),
  async "kBridge:http"({ egress }) {
    const [{ createBridgeAgent }, { resolveEgressConfig, systemNetwork }] = await Promise.all([
      import("@kos/kbridge"),
      import("@kos/egress"),
    ]);
    return createBridgeAgent({ config: resolveEgressConfig(egress), network: systemNetwork({}) });
  },
};

/** Ids of the agents that run in child processes. */
export const WORKER_AGENT_IDS: readonly string[] = Object.keys(LOADERS);

/** Errors: UNKNOWN_AGENT. */
export async function loadAgent(id: string, settings: AgentSettings): Promise<Agent> {
  const load = LOADERS[id];
  if (!load) throw new KosError("UNKNOWN_AGENT", `This node has no agent ${id}. It has ${WORKER_AGENT_IDS.join(", ")}.`);
  return load(settings);
}
