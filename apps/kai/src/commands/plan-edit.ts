// `kai plan edit`: the graph in the person's editor, then the difference, then the change, bound to the hash that was edited.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KosError } from "@kos/klp";
import { diffPlans, graphOf, type PlanGraph } from "@kos/plan";
import { stringify } from "yaml";
import type { Command, Kai } from "../command.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import type { Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { errorLines } from "../format/error-text.ts";
import { shortId } from "../format/quantity.ts";
import { parseText, type ReadDocument, readDocument } from "../run/plan-file.ts";
import { withLines } from "../run/submit.ts";
import { usageError } from "../usage.ts";
import { diffLines } from "../view/diff-lines.ts";

const HEAD =
  "# Change the plan, save and close the editor. Nothing is sent before you have seen the difference. An empty file leaves all as it is.\n";

export const planEdit: Command = {
  name: "plan edit",
  group: "Plans",
  summary: "change a draft or paused plan in your editor; approvals of the old one are void",
  details: "Opens $VISUAL or $EDITOR with the graph as YAML. With --file the new graph comes from a file.",
  args: [{ name: "plan", about: "a plan's id, a unique end or beginning of it, or `last`" }],
  options: [
    { flags: "--file <file>", about: "the new graph, as JSON or YAML; - for standard input" },
    { flags: "--yes", about: "change it without asking once more" },
  ],
  examples: [
    ["plan edit 1f2e3d4c", "in your editor"],
    ["plan edit 1f2e3d4c --file new.yaml --yes", "from a file"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const planId = await resolvePlanId(session, input.args[0] ?? "last");
    const { plan } = await session.client.call("plan", { params: { plan_id: planId } });
    const file = input.text("file");
    if (file !== undefined) return change(kai, session, plan, await readDocument(kai.machine, file), input.flag("yes"));
    if (!kai.terminal.canAsk)
      throw usageError("There is no terminal for an editor here.", { hint: "Give the new graph with --file FILE." });
    return editInteractively(kai, session, plan);
  },
};

type EditedPlan = PlanGraph & { readonly plan_id: string; readonly hash: string };

/** A text that cannot be read or is refused goes back into the editor, so that no work is lost. */
async function editInteractively(kai: Kai, session: Session, plan: EditedPlan): Promise<typeof EXIT.done> {
  const folder = await mkdtemp(join(tmpdir(), "kai-plan-"));
  const path = join(folder, `plan-${shortId(plan.plan_id)}.yaml`);
  try {
    await writeFile(path, HEAD + stringify(graphOf(plan)), { mode: 0o600 });
    for (;;) {
      await openEditor(kai, path);
      const text = await readFile(path, "utf8");
      try {
        if (text.replaceAll(/^#.*$/gm, "").trim() === "") {
          kai.terminal.print("Left as it is.");
          return EXIT.done;
        }
        return await change(kai, session, plan, parseText(text, path), false);
      } catch (error) {
        kai.terminal.remark(...errorLines(error, kai.terminal.remarkStyle));
        if (!(await kai.terminal.confirm("Edit again?"))) throw new KosError("CANCELLED", "The plan was left as it is.", { cause: error });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function change(kai: Kai, session: Session, plan: EditedPlan, edited: ReadDocument, isSure: boolean): Promise<typeof EXIT.done> {
  const { terminal } = kai;
  const { value } = edited;
  if (typeof value !== "object" || value === null || !Array.isArray((value as { readonly tasks?: unknown }).tasks)) {
    throw usageError("This is no plan: it has no list of tasks.", { place: edited.place("$") });
  }
  const lines = diffLines(diffPlans(graphOf(plan), { ...graphOf(plan), ...(value as PlanGraph) }), terminal.width(), terminal.style);
  if (!terminal.isJson) terminal.print(...lines);
  if (!isSure) {
    if (!terminal.canAsk) throw usageError("Nobody can be asked here.", { hint: "Look at the difference, then add --yes." });
    if (!(await terminal.confirm("Change the plan?"))) {
      terminal.print("Left as it is.");
      return EXIT.done;
    }
  }
  const changed = await session.client
    .call("patchPlan", { params: { plan_id: plan.plan_id }, body: { plan: value, base_hash: plan.hash } })
    .catch((error: unknown) => {
      throw withLines(error, edited);
    });
  if (terminal.isJson) terminal.json(changed);
  else terminal.print(`${terminal.style.good("✓")} plan ${shortId(plan.plan_id)} changed, hash ${changed.plan.hash}`);
  return EXIT.done;
}

async function openEditor(kai: Kai, path: string): Promise<void> {
  const { env } = kai.machine;
  const editor = [env["VISUAL"], env["EDITOR"]].find((each) => each !== undefined && each.trim() !== "") ?? "vi";
  // An editor variable may hold arguments (`code --wait`), but is never handed to a shell.
  const [program = "vi", ...args] = editor.trim().split(/\s+/);
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(program, [...args, path], { stdio: "inherit" });
    child.once("error", (cause) => reject(new KosError("UNAVAILABLE", `The editor ${program} cannot be started. Set EDITOR.`, { cause })));
    child.once("exit", (exit) => resolve(exit ?? 1));
  });
  if (code !== 0) throw new KosError("CANCELLED", `The editor ended with ${code}; the plan was left as it is.`);
}
