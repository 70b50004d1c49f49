// Asks the person at the terminal what a run waits for: approvals with everything they bind, and questions with their choices.

import type { Approval, InputRequest, PlanView } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Kai } from "../command.ts";
import type { Session } from "../connection/session.ts";
import { safeLines } from "../format/safe-text.ts";
import { cutTo } from "../format/text-width.ts";
import { readAnswer } from "./answer-text.ts";

const MAX_SUBJECT_LINES = 40;

/** Everything a decision binds, for a person to read. */
export function approvalLines(approval: Approval, kai: Pick<Kai, "terminal">): readonly string[] {
  const { style } = kai.terminal;
  const width = kai.terminal.width();
  const what =
    approval.kind === "plan" ? "the whole plan" : `a call${approval.task_id === undefined ? "" : ` of task ${safeText(approval.task_id)}`}`;
  const subject = approval.subject === undefined ? [] : safeLines(JSON.stringify(approval.subject, undefined, 2) ?? "");
  const more =
    subject.length > MAX_SUBJECT_LINES ? [style.dim(`      … ${subject.length - MAX_SUBJECT_LINES} more lines; --json shows all`)] : [];
  return [
    `${style.warn("?")} ${style.bold(safeText(approval.title))}`,
    `    ${style.dim("for")}     ${what}`,
    ...(approval.reason === "" ? [] : [`    ${style.dim("reason")}  ${safeText(approval.reason)}`]),
    ...(subject.length === 0 ? [] : [`    ${style.dim("subject")}`]),
    ...subject.slice(0, MAX_SUBJECT_LINES).map((line) => cutTo(`      ${line}`, width)),
    ...more,
    `    ${style.dim("digest")}  ${approval.digest}`,
  ];
}

export function questionLines(input: InputRequest, kai: Pick<Kai, "terminal">): readonly string[] {
  const { style } = kai.terminal;
  const [first = "", ...rest] = safeLines(input.question);
  return [
    `${style.warn("?")} ${style.bold(first)}`,
    ...rest.map((line) => `  ${line}`),
    ...(input.choices ?? []).map((choice, place) => `    ${style.accent(String(place + 1))}  ${safeText(choice)}`),
  ];
}

/** Asks for all that is open. False when the person left something open. `approvePlan` answers plan approvals with yes, visibly. */
export async function askOpen(kai: Kai, session: Session, view: PlanView, options: { readonly approvePlan: boolean }): Promise<boolean> {
  for (const approval of view.approvals.filter(({ status }) => status === "open")) {
    if (!(await askApproval(kai, session, approval, options.approvePlan && approval.kind === "plan"))) return false;
  }
  for (const input of view.inputs.filter(({ status }) => status === "open")) {
    if (!(await askInput(kai, session, input))) return false;
  }
  return true;
}

async function askApproval(kai: Kai, session: Session, approval: Approval, isGiven: boolean): Promise<boolean> {
  const { terminal } = kai;
  terminal.print("", ...approvalLines(approval, kai));
  const answer = isGiven
    ? "y"
    : ((await terminal.ask(`  Approve? ${terminal.style.dim("[y]es, [d]eny, [N]ot now")} `)) ?? "").trim().toLowerCase();
  if (isGiven) terminal.print("  approved by --yes");
  const decision = /^y(es)?$/.test(answer) ? "approve" : /^d(eny)?$/.test(answer) ? "deny" : undefined;
  if (decision === undefined) return false;
  await session.client.call("decide", { params: { approval_id: approval.approval_id }, body: { decision, digest: approval.digest } });
  return true;
}

async function askInput(kai: Kai, session: Session, input: InputRequest): Promise<boolean> {
  const { terminal } = kai;
  terminal.print("", ...questionLines(input, kai));
  for (;;) {
    const text = await terminal.ask("  > ");
    if (text === undefined || text.trim() === "") return false;
    const read = readAnswer(text, input);
    if ("problem" in read) {
      terminal.print(`  ${terminal.style.bad(read.problem)}`);
      continue;
    }
    await session.client.call("answer", { params: { input_id: input.input_id }, body: { answer: read.answer } });
    return true;
  }
}
