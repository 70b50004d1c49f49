// `kai plan diff`: what differs between two plans, whether they are in the node or in files.

import { diffPlans } from "@kos/plan";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { diffLines } from "../view/diff-lines.ts";
import { planOf } from "./plan-show.ts";

const PLAN = "a plan's id, a unique end or beginning of it, or a plan file";

export const planDiff: Command = {
  name: "plan diff",
  group: "Plans",
  summary: "what differs between two plans",
  args: [
    { name: "before", about: PLAN },
    { name: "after", about: PLAN },
  ],
  examples: [
    ["plan diff 1f2e3d4c 9a8b7c6d", "a run and its fork"],
    ["plan diff last plan.yaml", "what a file would change"],
  ],
  async perform(kai, input) {
    const [before = "", after = ""] = input.args;
    const diff = diffPlans(await planOf(kai, before), await planOf(kai, after));
    if (kai.terminal.isJson) kai.terminal.json(diff);
    else kai.terminal.print(...diffLines(diff, kai.terminal.width(), kai.terminal.style));
    return EXIT.done;
  },
};
