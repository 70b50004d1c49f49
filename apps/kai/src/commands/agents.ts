// `kai agents …`: who works here, and steering them.

import type { AgentStatus } from "@kos/api";
import { KosError, safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { eachItem, type Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatDuration } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { renderTable } from "../format/table.ts";
import { didYouMean } from "../usage.ts";

const AGENT = { name: "agent", about: "an agent's address: kClass:name" } as const;
const GROUP = "Agents and tools";

export const agentsList: Command = {
  name: "agents list",
  group: GROUP,
  summary: "the agents of this node and their state",
  examples: [["agents list", "who is there"]],
  async perform(kai) {
    const session = await kai.connect();
    const { terminal } = kai;
    const all: AgentStatus[] = [];
    for await (const agent of eachItem(session.client, "agents", {})) all.push(agent);
    if (terminal.isJson) for (const agent of all) terminal.json(agent);
    else terminal.print(...agentTable(all, terminal.width(), terminal.style));
    return EXIT.done;
  },
};

export const agentsShow: Command = {
  name: "agents show",
  group: GROUP,
  summary: "one agent: state, key, capabilities, signed manifest",
  args: [AGENT],
  options: [{ flags: "--manifest", about: "its signed manifest, as JSON" }],
  examples: [["agents show kExecutor:main", "one of them"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const agent = await findAgent(session, input.args[0] ?? "");
    const { terminal } = kai;
    if (input.flag("manifest")) terminal.json(await session.client.call("agentManifest", { params: { agent_id: agent.agent_id } }));
    else if (terminal.isJson) terminal.json(agent);
    else terminal.print(...agentLines(agent, terminal.style));
    return EXIT.done;
  },
};

function steering(name: "pause" | "resume" | "restart" | "terminate", summary: string): Command {
  const route = ({ pause: "pauseAgent", resume: "resumeAgent", restart: "restartAgent", terminate: "terminateAgent" } as const)[name];
  return {
    name: `agents ${name}`,
    group: GROUP,
    summary,
    args: [AGENT],
    examples: [[`agents ${name} kExecutor:main`, summary]],
    async perform(kai: Kai, input) {
      const session = await kai.connect();
      const { agent_id } = await findAgent(session, input.args[0] ?? "");
      const agent = await session.client.call(route, { params: { agent_id } });
      if (kai.terminal.isJson) kai.terminal.json(agent);
      else kai.terminal.print(`${safeText(agent.agent_id)} ${stateText(agent, kai.terminal.style)}`);
      return EXIT.done;
    },
  };
}

export const agentsPause = steering("pause", "give an agent nothing new");
export const agentsResume = steering("resume", "let a paused agent work again");
export const agentsRestart = steering("restart", "end an agent's processes and start them anew");
export const agentsTerminate = steering("terminate", "end an agent until it is restarted");

/** By its address, or by its name alone where only one has it. Errors: UNKNOWN_AGENT. */
async function findAgent(session: Session, typed: string): Promise<AgentStatus> {
  const all: AgentStatus[] = [];
  for await (const agent of eachItem(session.client, "agents", {})) all.push(agent);
  const found = all.find(({ agent_id }) => agent_id === typed);
  const near = all.filter(({ agent_id }) => agent_id.toLowerCase().split(":").includes(typed.toLowerCase()));
  const [only] = near;
  if (found !== undefined) return found;
  if (near.length === 1 && only !== undefined) return only;
  const names = all.map(({ agent_id }) => agent_id);
  throw new KosError("UNKNOWN_AGENT", `There is no agent ${typed.slice(0, 80)}.`, { details: { hint: didYouMean(typed, names) } });
}

function agentTable(agents: readonly AgentStatus[], width: number, style: Style): readonly string[] {
  const right = { align: "right" as const };
  const columns = [
    { title: "agent" },
    { title: "state" },
    { title: "busy", ...right },
    { title: "processes", ...right },
    { title: "heartbeat", ...right },
    { title: "what it does", flexible: true },
  ];
  const rows = agents.map((agent) => [
    style.accent(safeText(agent.agent_id)),
    stateText(agent, style),
    `${agent.in_flight}/${agent.max_tasks}`,
    String(agent.processes),
    agent.heartbeat_age_ms === undefined ? "" : formatDuration(agent.heartbeat_age_ms),
    safeText(agent.description),
  ]);
  return renderTable(columns, rows, width, style);
}

function agentLines(agent: AgentStatus, style: Style): readonly string[] {
  const fields = [
    ["state", stateText(agent, style)],
    ["version", safeText(agent.version)],
    ["key", safeText(agent.key)],
    ["in flight", `${agent.in_flight} of ${agent.max_tasks}`],
    ["processes", String(agent.processes)],
    ...(agent.heartbeat_age_ms === undefined ? [] : [["heartbeat", `${formatDuration(agent.heartbeat_age_ms)} ago`]]),
  ];
  return [
    `${style.bold(safeText(agent.agent_id))}  ${safeText(agent.description)}`,
    ...fields.map(([name = "", value = ""]) => `  ${style.dim(name.padEnd(10))} ${value}`),
    `  ${style.dim("can do".padEnd(10))} ${agent.capabilities.map(safeText).join(", ")}`,
  ];
}

function stateText({ state }: AgentStatus, style: Style): string {
  switch (state) {
    case "ready":
    case "busy":
      return style.good(state);
    case "registered":
    case "paused":
    case "degraded":
      return style.warn(state);
    case "quarantined":
    case "offline":
    case "terminated":
      return style.bad(state);
  }
}
