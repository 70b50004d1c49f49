// What a person can do with a run, as commands: which ones there are follows from its state.

import type { PlanView, RunState } from "@kos/api";
import type { Command } from "../commands/command.ts";

/** What the commands lead to; the page fulfils it. */
export interface RunActions {
  /** Asks first, with a word on what it means. */
  ask(question: "cancel" | "retry"): void;
  pause(): Promise<void>;
  resume(): Promise<void>;
  start(): Promise<void>;
  /** Brings what waits for a person into view. */
  attend(): void;
  verify(): void;
  openResults(): void;
}

const GROUP = "This run";
const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

/** `status` is what frames last said; the view may lag behind it. */
export function runCommands(view: PlanView, status: RunState["status"], actions: RunActions): readonly Command[] {
  const commands: Command[] = [];
  if (waits(view))
    commands.push({ id: "run.attend", label: "Show what waits for me", group: GROUP, altKey: "KeyW", perform: actions.attend });
  if (status === "draft") commands.push({ id: "run.start", label: "Start", group: GROUP, perform: actions.start });
  if (status === "paused") commands.push({ id: "run.resume", label: "Resume", group: GROUP, altKey: "KeyP", perform: actions.resume });
  else if (!ENDED.has(status) && status !== "draft" && status !== "waiting_approval")
    commands.push({ id: "run.pause", label: "Pause", group: GROUP, altKey: "KeyP", perform: actions.pause });
  if (!ENDED.has(status))
    commands.push({
      id: "run.cancel",
      label: "Cancel…",
      group: GROUP,
      altKey: "KeyC",
      isGrave: true,
      perform: () => actions.ask("cancel"),
    });
  if (status === "failed" || status === "cancelled")
    commands.push({ id: "run.retry", label: "Retry…", group: GROUP, altKey: "KeyR", perform: () => actions.ask("retry") });
  if (status === "succeeded")
    commands.push({ id: "run.results", label: "See the results", group: GROUP, altKey: "KeyO", perform: actions.openResults });
  commands.push({ id: "run.verify", label: "Verify the evidence", group: GROUP, altKey: "KeyV", perform: actions.verify });
  return commands;
}

/** Whether the run stands still, wholly or in part, until a person says something. */
export function waits(view: PlanView): boolean {
  return (
    view.approvals.some(({ status }) => status === "open") ||
    view.inputs.some(({ status }) => status === "open") ||
    view.tasks.some(({ status }) => status === "in_doubt")
  );
}
