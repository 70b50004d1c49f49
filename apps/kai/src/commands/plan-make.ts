// `kai plan make`: a draft, without running it.

import type { Planned } from "@kos/api";
import type { Command, Kai } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { shortId } from "../format/quantity.ts";
import { readSubmission } from "../run/submission.ts";
import { submitTo } from "../run/submit.ts";
import { estimateLines, explanationLines } from "../view/estimate-lines.ts";
import { PLAN_FORM_OPTIONS, planForm, printPlan } from "./plan-show.ts";
import { RUN_OPTIONS } from "./run.ts";

export const planMake: Command = {
  name: "plan make",
  group: "Plans",
  summary: "make a draft without running it, and say what it would take",
  args: [
    { name: "target", about: "a playbook's name, or a plan file", isOptional: true },
    { name: "params", about: "the playbook's parameters", isOptional: true, isList: true },
  ],
  options: [...RUN_OPTIONS, { flags: "--approval", about: "ask a person to approve the plan before it starts" }, ...PLAN_FORM_OPTIONS],
  takesAnyOption: true,
  examples: [
    ["plan make repo-report --path .", "see it before it runs"],
    ["plan make --given url=https://example.org/ --want report", "a plan that kOS composes"],
    ["plan make plan.yaml --mermaid > plan.mmd", "a plan file as a chart"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const submission = await readSubmission(kai, session, input);
    const idempotencyKey = kai.machine.newSecret();
    const { result: planned } = await submitTo(kai, session, submission, (to, grant) =>
      to.client.call("makePlan", { body: submission.request }, { idempotencyKey, ...(grant !== undefined && { grant }) }),
    );
    const form = planForm(input);
    if (kai.terminal.isJson) kai.terminal.json(planned);
    else printPlan(kai, planned.plan, form);
    if (!kai.terminal.isJson && form === "tree") kai.terminal.print(...draftLines(kai, planned));
    return EXIT.done;
  },
};

function draftLines(kai: Kai, planned: Planned): readonly string[] {
  const { style } = kai.terminal;
  const { plan, explanation } = planned;
  const id = shortId(plan.plan_id);
  return [
    "",
    ...(explanation === undefined ? [] : [...explanationLines(explanation, kai.terminal.width(), style), ""]),
    ...estimateLines(planned, style),
    style.dim(`draft ${id}, hash ${plan.hash}`),
    `Edit it: ${kai.invocation} plan edit ${id}    Start it: ${kai.invocation} plan start ${id}`,
  ];
}
