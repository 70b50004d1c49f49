// `kai plan start`: a draft becomes a run.

import type { Command } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { followPlan } from "../run/follow.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { waitingLines } from "../run/waiting.ts";
import { outcomeLine, problemLines, verdictLines } from "../view/run-summary.ts";

export const planStart: Command = {
  name: "plan start",
  group: "Plans",
  summary: "run a draft, and follow it to its end",
  args: [{ name: "plan", about: "a draft's id, a unique end or beginning of it, or `last`" }],
  options: [
    { flags: "--yes", about: "approve the plan itself without asking" },
    { flags: "--detach", about: "do not wait for its end" },
  ],
  examples: [["plan start 1f2e3d4c", "run what `kai plan make` made"]],
  async perform(kai, input) {
    const session = await kai.connect();
    const planId = await resolvePlanId(session, input.args[0] ?? "last");
    const accepted = await session.client.call("submit", { body: { plan_id: planId } }, { idempotencyKey: kai.machine.newSecret() });
    const { terminal } = kai;
    if (input.flag("detach")) {
      if (terminal.isJson) terminal.json(accepted);
      else terminal.print(`${accepted.plan_id} ${accepted.status}`);
      return EXIT.done;
    }
    const startedAtMs = kai.machine.now();
    const { view, how } = await followPlan(kai, session, planId, { approvePlan: input.flag("yes"), cancels: true });
    if (how === "left") {
      terminal.remark(`Left. The node goes on; look again with: ${kai.invocation} show ${shortId(planId)} --follow`);
      return EXIT.cancelled;
    }
    if (terminal.isJson) terminal.json({ event: "result", plan_id: planId, status: view.plan.status, output: view.output ?? null });
    else {
      terminal.print(
        ...verdictLines(view, terminal.width(), terminal.style),
        outcomeLine(view, kai.machine.now() - startedAtMs, terminal.style),
      );
      terminal.print(...problemLines(view, terminal.style), ...waitingLines(kai, view));
    }
    return exitCodeOf(view.plan.status);
  },
};
