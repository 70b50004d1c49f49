// `kai run --at` and `--every`: hands the request over to be run later, and says when, and whether a node will be there. The words for time are
// shared with `kai schedules change`.

import type { ScheduleRequest, ScheduleView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { CommandInput, Kai } from "../command.ts";
import { readNodeFile } from "../connection/data-files.ts";
import type { Session } from "../connection/session.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import { usageError } from "../usage.ts";
import { durationMs } from "./budget.ts";
import type { Submission } from "./submission.ts";
import { submitTo } from "./submit.ts";

/** When something runs; also what `schedules change` takes. */
export const TIME_OPTIONS = [
  { flags: "--at <time>", about: "run it then: 2027-03-01T09:00 in the zone, with an offset, or +10m from now" },
  { flags: "--every <rhythm>", about: "run it again and again: a cron pattern as '0 9 * * 1-5', @daily, or an interval as 15m" },
  { flags: "--zone <name>", about: "time zone of --at and --every, as Europe/Berlin" },
  { flags: "--missed <policy>", about: "due times that passed while no node ran", choices: ["skip", "once", "all"] },
  { flags: "--overlap <policy>", about: "when it is due while a run is under way", choices: ["skip", "queue", "allow"] },
] as const;

const DEFAULTS: Readonly<Record<string, string>> = {
  "--zone <name>": "profile.time_zone",
  "--missed <policy>": "once",
  "--overlap <policy>": "skip",
};

export const SCHEDULE_OPTIONS = TIME_OPTIONS.map((option) => {
  const usual = DEFAULTS[option.flags];
  return usual === undefined ? option : { ...option, about: `${option.about} (default: ${usual})` };
});

/** Whether the command line asks for a later run. Errors: BAD_REQUEST for options that go with one only. */
export function wantsSchedule(input: CommandInput): boolean {
  if (input.text("at") !== undefined || input.text("every") !== undefined) return true;
  for (const name of ["zone", "missed", "overlap"]) {
    if (input.text(name) !== undefined) throw usageError(`--${name} belongs to --at or --every. Give one of them too.`);
  }
  return false;
}

export async function scheduleRun(kai: Kai, connected: Session, submission: Submission, input: CommandInput): Promise<ExitCode> {
  for (const name of ["detach", "yes"]) {
    if (input.flag(name)) throw usageError(`--${name} is about a run that starts now; it does not go with --at or --every.`);
  }
  if (input.text("out") !== undefined)
    throw usageError("--out does not go with --at or --every: the reports of later runs stay in the node.");
  const body: ScheduleRequest = { request: submission.request, ...timeWish(kai, input) };
  const idempotencyKey = kai.machine.newSecret();
  const { result: schedule } = await submitTo(kai, connected, submission, (to, grant) =>
    to.client.call("createSchedule", { body }, { idempotencyKey, ...(grant !== undefined && { grant }) }),
  );
  if (kai.terminal.isJson) kai.terminal.json(schedule);
  else kai.terminal.print(...madeLines(kai, schedule));
  await sayWhetherItRuns(kai);
  return EXIT.done;
}

/** What the options say about time and policies. Errors: BAD_REQUEST for `+` and no duration. */
export function timeWish(kai: Kai, input: CommandInput): Pick<ScheduleRequest, "at" | "every" | "zone" | "missed" | "overlap"> {
  const at = input.text("at");
  const every = input.text("every");
  const zone = input.text("zone");
  const missed = input.text("missed") as ScheduleRequest["missed"];
  const overlap = input.text("overlap") as ScheduleRequest["overlap"];
  return {
    ...(at !== undefined && { at: at.startsWith("+") ? new Date(kai.machine.now() + durationMs(at.slice(1))).toISOString() : at }),
    ...(every !== undefined && { every }),
    ...(zone !== undefined && { zone }),
    ...(missed !== undefined && { missed }),
    ...(overlap !== undefined && { overlap }),
  };
}

function madeLines(kai: Kai, schedule: ScheduleView): readonly string[] {
  const { style } = kai.terminal;
  const id = shortId(schedule.schedule_id);
  return [
    `${style.good("✓")} scheduled ${style.accent(id)}  ${safeText(schedule.name)}`,
    ...timeLines(kai, schedule),
    ...(schedule.fs_roots.length === 0 ? [] : [`  ${style.dim("may read")} ${schedule.fs_roots.map(safeText).join(", ")}`]),
    "",
    `Look at it with: ${kai.invocation} schedules show ${id}`,
  ];
}

export function timeLines({ terminal, machine }: Kai, schedule: ScheduleView): readonly string[] {
  const { style } = terminal;
  const none = schedule.status === "paused" ? "none while it is paused" : "never";
  const next = schedule.next_at === null ? none : `${formatTime(schedule.next_at, machine.now())} ${style.dim(`(${schedule.next_at})`)}`;
  return [
    `  ${style.dim("next")}     ${next}`,
    `  ${style.dim("rhythm")}   ${schedule.every === undefined ? "once" : safeText(schedule.every)}, zone ${schedule.zone}`,
    `  ${style.dim("policies")} missed ${schedule.missed}, overlap ${schedule.overlap}`,
  ];
}

/** A node that was started for this command ends with it. */
export async function sayWhetherItRuns({ terminal, dataFolder, invocation }: Kai): Promise<void> {
  if ((await readNodeFile(dataFolder))?.mode === "service") return;
  terminal.remark(
    "",
    `${terminal.remarkStyle.warn("!")} The schedule is stored, but no node stays up to run it. Start one and keep it running: ${invocation} up`,
  );
}
