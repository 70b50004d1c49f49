// The agents of the node: which there are, how they are, what they can do.

import type { AgentStatus } from "@kos/api";
import type { ReactNode } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import type { Command } from "../commands/command.ts";
import { useStore } from "../data/store.ts";
import { useResource } from "../data/use-resource.ts";
import { formatDuration, formatTime, plural } from "../format/quantity.ts";
import { CommandButton } from "../ui/button.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { StatusText } from "../ui/status-mark.tsx";

export function AgentListPage() {
  const { client, feed } = useSignedIn();
  const revision = useStore(feed.agents);
  const status = useResource("agents", (signal) => client.call("status", {}, { signal }), { revision, everyMs: 3000 });
  const { node, agents } = status.value ?? {};
  return (
    <>
      <PageHead title="Agents">
        {node !== undefined && (
          <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
            <Fact name="Version">{node.version}</Fact>
            <Fact name="Running since">{formatTime(node.started_at)}</Fact>
            <Fact name="Open plans">{node.plans_open}</Fact>
            <Fact name="Key">
              <CopyText text={node.did} shown={`…${node.did.slice(-12)}`} what="the node's key" />
            </Fact>
          </dl>
        )}
      </PageHead>
      {status.error !== undefined && <ProblemNote error={status.error} title="The agents cannot be listed." onRetry={status.reload} />}
      {status.value === undefined && status.error === undefined && <Loading what="the agents" />}
      <ul aria-label="Agents" className="divide-y divide-line border-y border-line">
        {agents?.map((agent) => (
          <Agent key={agent.agent_id} agent={agent} onDone={status.reload} />
        ))}
      </ul>
    </>
  );
}

function Agent({ agent, onDone }: { readonly agent: AgentStatus; readonly onDone: () => void }) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const params = { agent_id: agent.agent_id };
  const isPaused = agent.state === "paused";
  const command: Command = {
    id: `agent.pause ${agent.agent_id}`,
    label: isPaused ? "Resume" : "Pause",
    group: "Agents",
    async perform() {
      await client.call(isPaused ? "resumeAgent" : "pauseAgent", { params });
      notices.done(isPaused ? `${agent.agent_id} takes work again.` : `${agent.agent_id} gets nothing new.`);
      onDone();
    },
  };
  return (
    <li className="grid gap-x-8 gap-y-2 px-1 py-5 sm:grid-cols-[minmax(0,1fr)_auto] sm:px-3">
      <div className="min-w-0">
        <h2 className="flex flex-wrap items-baseline gap-x-4 gap-y-1 font-mono text-base">
          {agent.agent_id}
          <span className="font-sans">
            <StatusText status={agent.state === "ready" ? "agent_ready" : agent.state} />
          </span>
        </h2>
        <p className="mt-1 max-w-prose text-sm text-quiet">{agent.description}</p>
        <ul aria-label={`What ${agent.agent_id} can do`} className="mt-2.5 flex flex-wrap gap-1.5">
          {agent.capabilities.map((name) => (
            <li key={name} className="rounded border border-line bg-sunk px-1.5 py-0.5 font-mono text-2xs">
              {name}
            </li>
          ))}
        </ul>
      </div>
      <div className="flex items-start justify-between gap-4 sm:flex-col sm:items-end">
        <p className="numeric text-sm sm:text-right">
          {agent.in_flight} of {agent.max_tasks} at work
          <span className="block text-2xs text-quiet">
            {agent.processes === 0 ? "no process of its own now" : plural(agent.processes, "process", "processes")}
            {agent.heartbeat_age_ms !== undefined && ` · heard ${formatDuration(agent.heartbeat_age_ms)} ago`}
          </span>
        </p>
        <CommandButton command={command} />
      </div>
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt>{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}
