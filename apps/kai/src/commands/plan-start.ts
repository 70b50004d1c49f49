// `kai plan start`: a draft becomes a run.

import type { Command } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { EXIT } from "../exit-code.ts";
import { keepInterrupts } from "../run/interrupts.ts";
import { watchRun } from "../run/watch-run.ts";

export const planStart: Command = {
  name: "plan start",
  group: "Plans",
  summary: "run a draft, and follow it to its end",
  args: [{ name: "plan", about: "a draft's id, a unique end or beginning of it, or `last`" }],
  options: [
    { flags: "--yes", about: "approve the plan itself without asking" },
    { flags: "--detach", about: "do not wait for its end" },
    { flags: "--out <dir>", about: "where the report is written (default: a new folder here)" },
    { flags: "--no-out", about: "write no report; its artifacts stay in the node" },
  ],
  examples: [["plan start 1f2e3d4c", "run what `kai plan make` made"]],
  async perform(kai, input) {
    const startedAtMs = kai.machine.now();
    const session = await kai.connect();
    const planId = await resolvePlanId(session, input.args[0] ?? "last");
    const { plan } = await session.client.call("plan", { params: { plan_id: planId } });
    using interrupts = keepInterrupts(kai.machine);
    const accepted = await session.client.call("submit", { body: { plan_id: planId } }, { idempotencyKey: kai.machine.newSecret() });
    const { terminal } = kai;
    if (input.flag("detach")) {
      if (terminal.isJson) terminal.json(accepted);
      else terminal.print(`${accepted.plan_id} ${accepted.status}`);
      return EXIT.done;
    }
    return await watchRun(kai, session, plan, {
      name: plan.playbook?.name ?? "plan",
      shows: [],
      out: input.wants("out") ? input.text("out") : null,
      approvePlan: input.flag("yes"),
      startedAtMs,
      interrupts,
    });
  },
};
