// `kai approve`: what waits for a decision, and the decision. It always names the digest that was shown.

import type { Approval } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, CommandInput, Kai } from "../command.ts";
import { resolveApprovalId } from "../connection/plan-id.ts";
import { eachItem, type Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import { renderTable } from "../format/table.ts";
import { approvalLines } from "../run/question.ts";
import { usageError } from "../usage.ts";

export const approve: Command = {
  name: "approve",
  group: "People",
  summary: "list what waits for approval, or decide it",
  details:
    "Shows what would happen with its digest and asks. The decision names this digest: when the plan or the call has changed meanwhile it is\n" +
    "refused. In a script give --digest as well; --yes alone is not enough, for nobody would have seen what is approved.",
  args: [{ name: "approval", about: "an approval's id, or a unique end or beginning of it", isOptional: true }],
  options: [
    { flags: "--deny", about: "deny it instead" },
    { flags: "--reason <text>", about: "why; it goes into the log" },
    { flags: "--digest <sha256>", about: "decide without being asked, provided that this is its digest" },
  ],
  examples: [
    ["approve", "what waits"],
    ["approve 9a8b7c6d", "look, then say yes or no"],
    ["approve 9a8b7c6d --deny --reason 'wrong recipient'", "no"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const [typed] = input.args;
    if (typed === undefined) return list(kai, session);
    const approval = await find(session, await resolveApprovalId(session, typed));
    if (approval.status !== "open") throw usageError(`This approval is ${approval.status} already.`);
    const decision = await decide(kai, approval, input);
    if (decision === undefined) {
      kai.terminal.print("Left open.");
      return EXIT.needsPerson;
    }
    const reason = input.text("reason");
    const body = { decision, digest: approval.digest, ...(reason !== undefined && { reason }) };
    const decided = await session.client.call("decide", { params: { approval_id: approval.approval_id }, body });
    if (kai.terminal.isJson) kai.terminal.json(decided);
    else
      kai.terminal.print(
        `${decision === "approve" ? kai.terminal.style.good("approved") : kai.terminal.style.bad("denied")} ${approval.digest}`,
      );
    return EXIT.done;
  },
};

async function decide(kai: Kai, approval: Approval, input: CommandInput): Promise<"approve" | "deny" | undefined> {
  const wanted = input.flag("deny") ? "deny" : "approve";
  const digest = input.text("digest");
  if (digest !== undefined) {
    if (digest === approval.digest) return wanted;
    throw usageError("The digest is another one now: what was to be approved has changed.", {
      hint: `It is ${approval.digest}; look at it first.`,
    });
  }
  if (!kai.terminal.isJson) kai.terminal.print(...approvalLines(approval, kai));
  if (!kai.terminal.canAsk) {
    if (wanted === "deny") return "deny";
    throw usageError("There is nobody to ask here.", { hint: `Look at it, then add --digest ${approval.digest}` });
  }
  return (await kai.terminal.confirm(wanted === "deny" ? "  Deny?" : "  Approve?")) ? wanted : undefined;
}

async function find(session: Session, approvalId: string): Promise<Approval> {
  for await (const approval of eachItem(session.client, "approvals", {})) if (approval.approval_id === approvalId) return approval;
  throw usageError(`There is no approval ${approvalId}.`, { hint: "`kai approve` lists those that are open." });
}

async function list(kai: Kai, session: Session): Promise<typeof EXIT.done> {
  const { terminal, machine } = kai;
  const open: Approval[] = [];
  for await (const approval of eachItem(session.client, "approvals", { query: { status: "open" } })) open.push(approval);
  if (terminal.isJson) for (const approval of open) terminal.json(approval);
  else if (open.length === 0) terminal.print("Nothing waits for approval.");
  else {
    const columns = [{ title: "approval" }, { title: "plan" }, { title: "for" }, { title: "asked" }, { title: "what", flexible: true }];
    const rows = open.map((approval) => [
      terminal.style.accent(shortId(approval.approval_id)),
      shortId(approval.plan_id),
      approval.kind === "plan" ? "the plan" : safeText(approval.task_id ?? "a call"),
      formatTime(approval.requested_at, machine.now()),
      safeText(approval.title),
    ]);
    terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style), "", `Decide with: ${kai.invocation} approve ID`);
  }
  return EXIT.done;
}
