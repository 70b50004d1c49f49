// `kai retention`: how long things are kept, what would go now, and letting it go.

import type { RetentionView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import type { Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatBytes, formatNumber, formatTime, shortId } from "../format/quantity.ts";
import { renderTable } from "../format/table.ts";
import { usageError } from "../usage.ts";

const LOOK_EVERY_MS = 300;

export const retentionShow: Command = {
  name: "retention show",
  group: "This node",
  summary: "how long things are kept, how much there is, and what would go now",
  examples: [["retention show", "policy, sizes and the next to go"]],
  async perform(kai) {
    const session = await kai.connect();
    const view = await session.client.call("retention", {});
    if (kai.terminal.isJson) kai.terminal.json(view);
    else kai.terminal.print(...viewLines(kai, view));
    return EXIT.done;
  },
};

export const retentionRun: Command = {
  name: "retention run",
  group: "This node",
  summary: "archive and remove what has aged, now",
  details:
    "Each plan is written into the archive as evidence, read back and verified before anything of it is removed. A node that stays up does this\n" +
    "by itself every hour. How long things are kept is in the section `retention` of the configuration.",
  options: [
    { flags: "--dry-run", about: "only say what would go" },
    { flags: "--yes", about: "do not ask" },
  ],
  examples: [
    ["retention run --dry-run", "what would go"],
    ["retention run", "look, then say yes or no"],
  ],
  async perform(kai, input) {
    const { terminal } = kai;
    const session = await kai.connect();
    const view = await session.client.call("retention", {});
    const { preview } = view;
    if (input.flag("dry-run")) {
      if (terminal.isJson) terminal.json(preview);
      else terminal.print(...previewLines(kai, view));
      return EXIT.done;
    }
    const hasLoss = preview.plans > 0 || preview.artifacts > 0 || preview.over_size;
    if (hasLoss && !input.flag("yes")) {
      if (!terminal.canAsk) throw usageError("There is nobody to ask here.", { hint: "Look with --dry-run, then add --yes." });
      terminal.print(...previewLines(kai, view), "");
      if (!(await terminal.confirm("Remove it?"))) {
        terminal.print("Nothing was removed.");
        return EXIT.needsPerson;
      }
    }
    const done = await finished(kai, session);
    if (terminal.isJson) terminal.json(done.last ?? {});
    else terminal.print(...reportLines(kai, done));
    return (done.last?.problems.length ?? 1) > 0 ? EXIT.failed : EXIT.done;
  },
};

/** Starts a run and waits for its end. */
async function finished(kai: Kai, session: Session): Promise<RetentionView> {
  let view = await session.client.call("runRetention", {});
  while (view.running) {
    await kai.machine.pause(LOOK_EVERY_MS);
    view = await session.client.call("retention", {});
  }
  return view;
}

function viewLines(kai: Kai, view: RetentionView): readonly string[] {
  const { style } = kai.terminal;
  const { policy, store, archive } = view;
  const field = (name: string, value: string) => `  ${style.dim(name.padEnd(10))} ${value}`;
  return [
    style.bold("Kept"),
    field("plans", `${policy.plan_days} days after their end, then as evidence in the archive`),
    field(
      "store",
      `${formatBytes(store.bytes)} of at most ${formatBytes(policy.store_bytes)}, ${formatBytes(store.free_bytes)} of it free`,
    ),
    field(
      "archive",
      `${formatNumber(archive.files)} files, ${formatBytes(archive.bytes)}, ${policy.archive_days === undefined ? "for ever" : `${policy.archive_days} days`}, in ${safeText(archive.path)}`,
    ),
    field(
      "artifacts",
      `ephemeral ${policy.artifacts_ephemeral_hours} h, session ${policy.artifacts_session_days} days, standard ${policy.artifacts_standard_days} days`,
    ),
    field("logs", `${policy.logs_days} days`),
    "",
    ...previewLines(kai, view),
    ...(view.last ? ["", ...reportLines(kai, view)] : []),
  ];
}

function previewLines({ terminal, machine, invocation }: Kai, { preview, archive }: RetentionView): readonly string[] {
  const { style } = terminal;
  const { plans, artifacts, first } = preview;
  if (plans === 0 && artifacts === 0 && !preview.over_size) return ["Nothing is old enough to go."];
  const columns = [{ title: "plan" }, { title: "ended" }, { title: "status" }, { title: "goal", flexible: true }];
  const rows = first.map((plan) => [
    style.accent(shortId(plan.plan_id)),
    formatTime(plan.ended_at, machine.now()),
    plan.status,
    safeText(plan.goal),
  ]);
  return [
    style.bold("Would go now"),
    `  ${plural(plans, "plan")}, as evidence into ${safeText(archive.path)}`,
    `  ${plural(artifacts, "artifact")}, ${formatBytes(preview.artifact_bytes)}: these are lost`,
    ...(preview.over_size ? [style.warn("  and further plans, oldest first, until the store is within its bound")] : []),
    ...(rows.length === 0 ? [] : ["", ...renderTable(columns, rows, terminal.width(), style)]),
    ...(plans > rows.length ? [style.dim(`… and ${formatNumber(plans - rows.length)} more`)] : []),
    "",
    style.dim(`Let it go: ${invocation} retention run`),
  ];
}

function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${count === 1 ? noun : `${noun}s`}`;
}

function reportLines({ terminal, machine }: Kai, { last }: RetentionView): readonly string[] {
  const { style } = terminal;
  if (last === undefined) return [style.bad("The run ended early; `kai logs` says why.")];
  const { plans, artifacts, blobs, events_cut: events, freed_bytes: freed, problems } = last;
  return [
    `${style.good("✓")} ${plural(plans, "plan")} archived (${formatBytes(last.archive_bytes)}), ${plural(artifacts, "artifact")} and ${plural(blobs, "blob")} removed, ${plural(events, "event")} cut, ${formatBytes(freed)} given back ${style.dim(`· ${formatTime(last.started_at, machine.now())}`)}`,
    ...problems.map(({ plan_id: id, error }) => `  ${style.bad("✗")} ${shortId(id ?? "")} ${safeText(error.message)}`),
  ];
}
