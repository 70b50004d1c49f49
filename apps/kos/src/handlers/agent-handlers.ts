// Routes about agents and capabilities.

import type { AgentStatus, NodeStatus } from "@kos/api";
import type { Caller, Handlers } from "@kos/gateway";
import type { AgentStatusEntry, Engine } from "@kos/kcore";
import { KosError } from "@kos/klp";
import type { AgentHost } from "../agents/agent-host.ts";
import type { Manifests } from "../agents/manifests.ts";

export interface AgentHandlerOptions {
  readonly engine: Engine;
  readonly host: AgentHost;
  readonly manifestOf: Manifests;
  readonly now: () => number;
  readonly nodeStatus: () => Promise<NodeStatus["node"]>;
}

type AgentRoutes =
  | "status"
  | "agents"
  | "agentManifest"
  | "capabilities"
  | "pauseAgent"
  | "resumeAgent"
  | "restartAgent"
  | "terminateAgent";

export function agentHandlers(options: AgentHandlerOptions): Pick<Handlers, AgentRoutes> {
  const { engine, host } = options;
  const { registry } = engine;

  function view(entry: AgentStatusEntry): AgentStatus {
    const heartbeat = entry.lastHeartbeatAtMs;
    return {
      agent_id: entry.id,
      class: entry.class,
      version: entry.version,
      description: entry.description,
      state: entry.state,
      key: entry.key,
      capabilities: [...entry.capabilities],
      in_flight: entry.inFlight,
      max_tasks: entry.maxTasks,
      processes: host.processes(entry.id),
      ...(heartbeat !== undefined && {
        last_heartbeat_at: new Date(heartbeat).toISOString(),
        heartbeat_age_ms: Math.max(0, options.now() - heartbeat),
      }),
    };
  }

  async function act(agentId: string, by: Caller, action: (id: string, by: string) => Promise<void>): Promise<AgentStatus> {
    await action(agentId, by.subject);
    const entry = registry.get(agentId);
    if (!entry) throw unknownAgent(agentId);
    return view(entry);
  }

  const idOf = (params: Readonly<Record<string, string>>) => params["agent_id"] ?? "";
  return {
    async status() {
      return { node: await options.nodeStatus(), agents: registry.list().map(view) };
    },
    async agents({ query }) {
      return slice(registry.list().map(view), query);
    },
    async agentManifest({ params }) {
      const manifest = options.manifestOf(idOf(params));
      if (!manifest) throw unknownAgent(idOf(params));
      return manifest;
    },
    async capabilities({ query }) {
      const all = registry.capabilities().map(({ description, version, agentId }) => ({
        name: description.name,
        title: description.title,
        description: description.description,
        agent_id: agentId,
        version,
        input: description.input,
        output: description.output,
        effects: [...description.effects],
        idempotent: description.idempotent,
        timeout_ms: description.timeout_ms,
      }));
      return slice(all, query);
    },
    pauseAgent: ({ params, caller }) => act(idOf(params), caller, (id, by) => registry.pause(id, by)),
    resumeAgent: ({ params, caller }) => act(idOf(params), caller, (id, by) => registry.resume(id, by)),
    restartAgent: ({ params, caller }) =>
      act(idOf(params), caller, async (id, by) => {
        host.restart(id);
        await registry.restart(id, by);
      }),
    terminateAgent: ({ params, caller }) =>
      act(idOf(params), caller, async (id, by) => {
        await registry.terminate(id, by);
        host.restart(id);
      }),
  };
}

function unknownAgent(id: string): KosError {
  return new KosError("UNKNOWN_AGENT", `There is no agent ${id.slice(0, 80)}. \`kai agents list\` shows those there are.`);
}

/** Lists that live in memory page by position. */
function slice<Item>(
  items: readonly Item[],
  query: { readonly limit?: number; readonly cursor?: string },
): { items: Item[]; next_cursor: string | null } {
  const from = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isSafeInteger(from) || from < 0)
    throw new KosError("BAD_REQUEST", "This cursor is not one of ours. Start the list again without it.");
  const to = from + (query.limit ?? 50);
  return { items: items.slice(from, to), next_cursor: to < items.length ? String(to) : null };
}
