// `kai schedules`: what runs later or again and again, and how to steer it.

import type { ScheduleRun, ScheduleView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { resolveScheduleId, SCHEDULE } from "../connection/schedule-id.ts";
import { eachItem } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import type { Style } from "../format/style.ts";
import { renderTable } from "../format/table.ts";
import { sayWhetherItRuns, TIME_OPTIONS, timeLines, timeWish } from "../run/schedule-run.ts";
import { usageError } from "../usage.ts";

export const schedulesList: Command = {
  name: "schedules list",
  group: "Run",
  summary: "list schedules with their next and last runs",
  options: [{ flags: "-a, --all", about: "removed ones too" }],
  examples: [
    ["schedules list", "what runs when"],
    ["schedules list --json", "as JSON lines"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const found: ScheduleView[] = [];
    for await (const one of eachItem(session.client, "schedules", input.flag("all") ? { query: { all: true } } : {})) found.push(one);
    const { terminal } = kai;
    if (terminal.isJson) for (const one of found) terminal.json(one);
    else if (found.length === 0) terminal.print(`No schedules. Make one: ${kai.invocation} run repo-report --path . --every '0 9 * * 1'`);
    else terminal.print(...scheduleTable(kai, found));
    if (found.some(({ status }) => status === "active") && !terminal.isJson) await sayWhetherItRuns(kai);
    return EXIT.done;
  },
};

export const schedulesShow: Command = {
  name: "schedules show",
  group: "Run",
  summary: "one schedule: time, policies, grants and its newest runs",
  args: [SCHEDULE],
  examples: [["schedules show 1f2e3d4c", "when it ran and what came of it"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const id = await resolveScheduleId(session, input.args[0] ?? "");
    const schedule = await session.client.call("schedule", { params: { schedule_id: id } });
    if (kai.terminal.isJson) kai.terminal.json(schedule);
    else kai.terminal.print(...scheduleLines(kai, schedule));
    return EXIT.done;
  },
};

export const schedulesChange: Command = {
  name: "schedules change",
  group: "Run",
  summary: "give a schedule another time, zone, policy or name",
  details: "What it runs and what it may read stay as they are: make another schedule for that. A run that is under way is not touched.",
  args: [SCHEDULE],
  options: [...TIME_OPTIONS, { flags: "--name <text>", about: "what lists call it" }],
  examples: [
    ["schedules change 1f2e3d4c --every '0 7 * * 1-5' --zone Europe/Berlin", "earlier from now on"],
    ["schedules change 1f2e3d4c --overlap queue", "one run after the other"],
  ],
  async perform(kai, input) {
    const name = input.text("name");
    const body = { ...timeWish(kai, input), ...(name !== undefined && { name }) };
    if (Object.keys(body).length === 0) {
      throw usageError("Nothing is to be changed.", { hint: "Give --at, --every, --zone, --missed, --overlap or --name." });
    }
    const session = await kai.connect();
    const id = await resolveScheduleId(session, input.args[0] ?? "");
    const schedule = await session.client.call("patchSchedule", { params: { schedule_id: id }, body });
    const { terminal } = kai;
    if (terminal.isJson) terminal.json(schedule);
    else {
      const { style } = terminal;
      const head = `${style.accent(shortId(schedule.schedule_id))} ${statusWord(schedule, style)}  ${safeText(schedule.name)}`;
      terminal.print(head, ...timeLines(kai, schedule));
    }
    if (schedule.status === "active") await sayWhetherItRuns(kai);
    return EXIT.done;
  },
};

export const schedulesPause = steering("pause", "let a schedule rest; what falls due meanwhile is passed over");
export const schedulesResume = steering("resume", "let a paused schedule go on with its next due time");

export const schedulesRemove: Command = {
  name: "schedules remove",
  group: "Run",
  summary: "end a schedule; a run that is under way goes on",
  args: [SCHEDULE],
  examples: [["schedules remove 1f2e3d4c", "no further runs"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const id = await resolveScheduleId(session, input.args[0] ?? "");
    return say(kai, await session.client.call("removeSchedule", { params: { schedule_id: id } }));
  },
};

export const schedulesRunNow: Command = {
  name: "schedules run-now",
  group: "Run",
  summary: "one run now, beside the due times",
  args: [SCHEDULE],
  examples: [["schedules run-now 1f2e3d4c", "try it"]],
  async perform(kai, input) {
    const { terminal, machine, invocation } = kai;
    const session = await kai.connect();
    const id = await resolveScheduleId(session, input.args[0] ?? "");
    const started = await session.client.call("runSchedule", { params: { schedule_id: id } }, { idempotencyKey: machine.newSecret() });
    if (terminal.isJson) terminal.json(started);
    else if (started.plan_id === undefined) terminal.print("It waits until the run before it has ended.");
    else terminal.print(`${started.plan_id} started`, `Follow it with: ${invocation} show ${shortId(started.plan_id)} --follow`);
    return EXIT.done;
  },
};

function steering(name: "pause" | "resume", summary: string): Command {
  return {
    name: `schedules ${name}`,
    group: "Run",
    summary,
    args: [SCHEDULE],
    options: [{ flags: "--reason <text>", about: "why; it goes into the log" }],
    examples: [[`schedules ${name} 1f2e3d4c`, name === "pause" ? "no runs for now" : "runs again"]],
    async perform(kai, input) {
      const session = await kai.connect();
      const id = await resolveScheduleId(session, input.args[0] ?? "");
      const reason = input.text("reason");
      const body = { paused: name === "pause", ...(reason !== undefined && { reason }) };
      return say(kai, await session.client.call("patchSchedule", { params: { schedule_id: id }, body }));
    },
  };
}

function say({ terminal, machine }: Kai, schedule: ScheduleView): typeof EXIT.done {
  if (terminal.isJson) terminal.json(schedule);
  else {
    const next = schedule.next_at === null ? "" : `, next run ${formatTime(schedule.next_at, machine.now())}`;
    terminal.print(`${terminal.style.accent(shortId(schedule.schedule_id))} ${statusWord(schedule, terminal.style)}${next}`);
  }
  return EXIT.done;
}

function scheduleTable({ terminal, machine }: Kai, schedules: readonly ScheduleView[]): readonly string[] {
  const { style } = terminal;
  const columns = [
    { title: "schedule" },
    { title: "state" },
    { title: "rhythm" },
    { title: "zone" },
    { title: "missed/overlap" },
    { title: "next run" },
    { title: "last run" },
    { title: "result" },
    { title: "name", flexible: true },
  ];
  const rows = schedules.map((one) => {
    const [last] = one.runs;
    return [
      style.accent(shortId(one.schedule_id)),
      statusWord(one, style),
      safeText(one.every ?? "once"),
      one.zone,
      `${one.missed}/${one.overlap}`,
      one.next_at === null ? "–" : formatTime(one.next_at, machine.now()),
      last === undefined ? "–" : formatTime(last.fired_at, machine.now()),
      last === undefined ? "–" : runWord(last, style),
      safeText(one.name),
    ];
  });
  return renderTable(columns, rows, terminal.width(), style);
}

function scheduleLines(kai: Kai, schedule: ScheduleView): readonly string[] {
  const { terminal, machine } = kai;
  const { style } = terminal;
  const field = (name: string, value: string) => `  ${style.dim(name.padEnd(9))} ${value}`;
  const when = schedule.at === undefined ? safeText(schedule.every ?? "") : `once, ${schedule.at}`;
  const next = schedule.next_at === null ? "–" : `${formatTime(schedule.next_at, machine.now())} (${schedule.next_at})`;
  return [
    `${style.bold(safeText(schedule.name))}  ${statusWord(schedule, style)}`,
    field("id", schedule.schedule_id),
    field("time", `${when}, zone ${schedule.zone}`),
    field("next", next),
    field("policies", `missed ${schedule.missed}, overlap ${schedule.overlap}`),
    field("may read", schedule.fs_roots.length === 0 ? "no files" : schedule.fs_roots.map(safeText).join(", ")),
    ...(schedule.playbook ? [field("playbook", `${schedule.playbook.name} ${style.dim(schedule.playbook.hash)}`)] : []),
    field("made", `${formatTime(schedule.created_at, machine.now())} by ${safeText(schedule.created_by)}`),
    field("runs", String(schedule.runs_total)),
    ...(schedule.runs.length === 0 ? [] : ["", ...runTable(kai, schedule.runs)]),
  ];
}

function runTable({ terminal, machine }: Kai, runs: readonly ScheduleRun[]): readonly string[] {
  const { style } = terminal;
  const columns = [
    { title: "run", align: "right" as const },
    { title: "due" },
    { title: "cause" },
    { title: "result" },
    { title: "plan" },
    { title: "notes", flexible: true },
  ];
  const rows = runs.map((run) => [
    String(run.run),
    formatTime(run.due_at, machine.now()),
    run.cause,
    runWord(run, style),
    run.plan_id === undefined ? "–" : style.accent(shortId(run.plan_id)),
    safeText([...(run.error ? [run.error.message] : []), ...run.notes].join(" ")),
  ]);
  return renderTable(columns, rows, terminal.width(), style);
}

function statusWord({ status }: ScheduleView, style: Style): string {
  const tone = { active: style.good, paused: style.warn, ended: style.dim, removed: style.dim }[status];
  return tone(status);
}

function runWord({ status }: ScheduleRun, style: Style): string {
  if (status === "succeeded") return style.good(status);
  if (status === "failed" || status === "refused") return style.bad(status);
  return status === "running" ? style.accent(status) : style.dim(status);
}
