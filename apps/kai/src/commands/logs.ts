// `kai logs` and `kai agents logs`: structured log records as lines.

import type { LogRecord } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import type { Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { durationMs } from "../run/budget.ts";

const DEFAULT_LINES = 100;
const MOST_LINES = 500;
const FOLLOW_EVERY_MS = 1000;
const OPTIONS = [
  { flags: "--level <level>", about: "this and graver", choices: ["trace", "debug", "info", "warn", "error", "fatal"] },
  { flags: "--since <time>", about: "90s, 10m, 2h ago, or a time (RFC 3339)" },
  { flags: "-n, --lines <count>", about: "how many of the newest (default 100, at most 500)" },
  { flags: "-f, --follow", about: "then show new ones as they come; Ctrl-C ends it" },
] as const;

export const logs: Command = {
  name: "logs",
  group: "Look inside",
  summary: "log records of the node, a plan or a task",
  args: [
    { name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`", isOptional: true },
    { name: "task", about: "one of its tasks", isOptional: true },
  ],
  options: OPTIONS,
  examples: [
    ["logs last", "of the newest plan"],
    ["logs --follow", "everything as it happens"],
    ["logs --level warn --since 1h", "what was not right in the last hour"],
  ],
  async perform(kai, input) {
    const [plan, task] = input.args;
    const session = await kai.connect();
    const planId = plan === undefined ? undefined : await resolvePlanId(session, plan);
    return printLogs(kai, input, { ...(planId !== undefined && { plan_id: planId }), ...(task !== undefined && { task_id: task }) });
  },
};

export const agentLogs: Command = {
  name: "agents logs",
  group: "Agents and tools",
  summary: "log records of one agent",
  args: [{ name: "agent", about: "kClass:name" }],
  options: OPTIONS,
  examples: [["agents logs kExecutor:main --level warn", "what it complained about"]],
  perform: (kai, input) => printLogs(kai, input, { agent_id: input.args[0] ?? "" }),
};

async function printLogs(kai: Kai, input: CommandInput, about: Readonly<Record<string, string>>): Promise<typeof EXIT.done> {
  const session = await kai.connect();
  const { terminal, machine } = kai;
  const most = Math.min(MOST_LINES, input.count("lines", 1) ?? DEFAULT_LINES);
  const level = input.text("level");
  const since = sinceOf(input.text("since"), machine.now());
  const query = { ...about, limit: most, ...(level !== undefined && { level }), ...(since !== undefined && { since }) };
  const { items } = await session.client.call("logs", { query });
  const print = (records: readonly LogRecord[]) => {
    for (const record of records) {
      if (terminal.isJson) terminal.json(record);
      else terminal.print(logLine(record, machine.now(), terminal.style));
    }
  };
  print(items);
  if (input.flag("follow")) await followLogs(kai, session, { query: { ...query, limit: MOST_LINES }, shown: items, print });
  else if (items.length === 0 && !terminal.isJson) terminal.remark("No records.");
  return EXIT.done;
}

interface Following {
  readonly query: { readonly since?: string; readonly limit: number };
  readonly shown: readonly LogRecord[];
  readonly print: (records: readonly LogRecord[]) => void;
}

/** Asks again and again from the last time shown on; records of that very time that were shown already are known by their text. */
async function followLogs(kai: Kai, session: Session, { query, shown, print }: Following): Promise<void> {
  const ended = new AbortController();
  const stop = kai.machine.onInterrupt(() => ended.abort(new Error("interrupted")));
  let since = shown.at(-1)?.at ?? query.since ?? new Date(kai.machine.now()).toISOString();
  let seen = new Set(shown.filter(({ at }) => at === since).map((record) => JSON.stringify(record)));
  try {
    for (;;) {
      await kai.machine.pause(FOLLOW_EVERY_MS, ended.signal);
      const { items } = await session.client.call("logs", { query: { ...query, since } });
      const fresh = items.filter((record) => !seen.has(JSON.stringify(record)));
      print(fresh);
      const last = fresh.at(-1)?.at;
      if (last === undefined) continue;
      const known = last === since ? seen : new Set<string>();
      since = last;
      seen = new Set([...known, ...fresh.filter(({ at }) => at === last).map((record) => JSON.stringify(record))]);
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    stop();
  }
}

function logLine(record: LogRecord, nowMs: number, style: Style): string {
  const tone = /^(error|fatal)$/.test(record.level) ? style.bad : record.level === "warn" ? style.warn : style.dim;
  const about = [record.plan_id === undefined ? undefined : shortId(record.plan_id), record.task_id].filter((part) => part !== undefined);
  const fields = Object.entries(record.fields ?? {}).map(([name, value]) => `${safeText(name)}=${safeText(fieldText(value))}`);
  return [
    style.dim(formatTime(record.at, nowMs)),
    tone(safeText(record.level).padEnd(5)),
    ...(about.length === 0 ? [] : [style.accent(safeText(about.join("/")))]),
    safeText(record.message),
    ...(fields.length === 0 ? [] : [style.dim(fields.join(" "))]),
  ].join(" ");
}

/** An error by code and message; its stack is for --json. */
function fieldText(value: unknown): string {
  if (typeof value === "string") return value;
  const { code, name, message } = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  if (typeof message !== "string") return JSON.stringify(value) ?? "";
  const [kind] = [code, name, "error"].filter((each) => typeof each === "string");
  return `${kind}: ${message}`;
}

function sinceOf(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined || /^\d{4}-/.test(text)) return text;
  return new Date(nowMs - durationMs(text)).toISOString();
}
