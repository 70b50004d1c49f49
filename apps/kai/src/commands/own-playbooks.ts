// `kai playbooks new|check|show|run|remove`: a person's own playbooks in the data folder.

import type { PlaybookCheck, PlaybookFinding, SavedPlaybook } from "@kos/api";
import { isKosError, safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import { resolvePlanId } from "../connection/plan-id.ts";
import { eachItem, type Session } from "../connection/session.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Style } from "../format/style.ts";
import { readTextFile } from "../run/plan-file.ts";
import { usageError } from "../usage.ts";
import { playbooks } from "./catalogue.ts";
import { run } from "./run.ts";

const GROUP = "Agents and tools";

export const playbooksNew: Command = {
  name: "playbooks new",
  group: GROUP,
  summary: "begin a playbook of your own, or save a plan as one",
  details:
    "What was written into the plan is offered as parameters, with its values as defaults. One that is there is never overwritten unasked.",
  args: [{ name: "name", about: "small letters, digits and dashes: weekly-report" }],
  options: [
    { flags: "--from <plan>", about: "a plan's id, a unique end or beginning of it, or `last`" },
    { flags: "--title <text>", about: "its title" },
    { flags: "--replace", about: "take the place of one of yours with this name; that one is kept" },
    { flags: "--print", about: "print it, save nothing" },
  ],
  examples: [
    ["playbooks new weekly-report", "something small that runs, with explanations"],
    ["playbooks new site-check --from last", "the newest plan as a playbook"],
  ],
  async perform(kai, input) {
    const [name = ""] = input.args;
    const session = await kai.connect();
    const from = input.text("from");
    const title = input.text("title");
    const body = {
      name,
      ...(from !== undefined && { plan_id: await resolvePlanId(session, from) }),
      ...(title !== undefined && { title }),
    };
    const { text } = await session.client.call("draftPlaybook", { body });
    if (input.flag("print")) {
      kai.terminal.raw(text);
      return EXIT.done;
    }
    const saved = await save(kai, session, name, text, input.flag("replace"));
    if (saved === undefined) return EXIT.done;
    if (kai.terminal.isJson) kai.terminal.json(saved);
    else kai.terminal.print(...savedLines(saved, kai));
    return EXIT.done;
  },
};

/** Undefined when the person wants to leave the old one as it is. */
async function save(kai: Kai, session: Session, name: string, text: string, replace: boolean): Promise<SavedPlaybook | undefined> {
  try {
    return await session.client.call("savePlaybook", { body: { name, text, replace } });
  } catch (error) {
    if (!isKosError(error, "CONFLICT") || replace || !kai.terminal.canAsk) throw error;
    kai.terminal.print(safeText(error.message));
    if (await kai.terminal.confirm("Put the new one in its place? The old one is kept.")) return save(kai, session, name, text, true);
    kai.terminal.print("Left as it is.");
    return undefined;
  }
}

function savedLines(saved: SavedPlaybook, kai: Kai): readonly string[] {
  const { style } = kai.terminal;
  return [
    `${style.good("✓")} ${safeText(saved.file)}`,
    ...(saved.kept === undefined ? [] : [`The one before is kept as ${safeText(saved.kept)}`]),
    ...(saved.replaces_shipped ? [`${style.warn("!")} It stands in for the playbook of this name that came with kOS.`] : []),
    ...findingLines(saved.findings, style),
    `Look at it: ${kai.invocation} playbooks show ${saved.name}    Run it: ${kai.invocation} run ${saved.name}`,
  ];
}

export const playbooksCheck: Command = {
  name: "playbooks check",
  group: GROUP,
  summary: "everything that is wrong with a playbook, with file, line and column; without a name all of your own",
  details: "Ends with 1 when something is wrong, with 2 when there is no such playbook or file.",
  args: [{ name: "playbook", about: "a playbook's name, or a file", isOptional: true }],
  examples: [
    ["playbooks check", "all of your own"],
    ["playbooks check weekly-report", "one by its name"],
    ["playbooks check ./weekly-report.yaml", "a file"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const checks = await checksOf(kai, session, input.args[0]);
    const { terminal } = kai;
    if (terminal.isJson) for (const check of checks) terminal.json(check);
    else if (checks.length === 0) terminal.print("There are no playbooks of your own.");
    else terminal.print(...checks.flatMap((check) => checkLines(check, terminal.style)));
    return checks.some(({ findings }) => findings.some(({ severity }) => severity === "error")) ? EXIT.failed : EXIT.done;
  },
};

async function checksOf(kai: Kai, session: Session, target: string | undefined): Promise<readonly PlaybookCheck[]> {
  const check = (name: string, more: { readonly text?: string; readonly file?: string } = {}) =>
    session.client.call("checkPlaybook", { body: { name, ...more } });
  if (target !== undefined && /[/.]/.test(target)) {
    const text = await readTextFile(kai.machine, target);
    const name = /([^/\\]*?)(\.ya?ml)?$/.exec(resolvePath(kai.machine, target))?.[1] ?? target;
    return [await check(name === "" ? "playbook" : name, { text, file: target })];
  }
  if (target !== undefined) {
    return [
      await check(target).catch((cause: unknown) => {
        if (!isKosError(cause, "NOT_FOUND")) throw cause;
        throw usageError(cause.message, { hint: "`kai playbooks` lists them; a file is given by its path: ./name.yaml", cause });
      }),
    ];
  }
  const checks: PlaybookCheck[] = [];
  for await (const { name, origin } of eachItem(session.client, "playbooks", {})) if (origin === "own") checks.push(await check(name));
  return checks;
}

function checkLines({ file, findings }: PlaybookCheck, style: Style): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  if (findings.length === 0) return [`${style.good("✓")} ${safeText(file)}`];
  const head =
    errors === 0
      ? `${style.warn("!")} ${safeText(file)}: it can run, but look at this`
      : `${style.bad("✗")} ${safeText(file)}: it cannot run`;
  return [head, ...findingLines(findings, style)];
}

function findingLines(findings: readonly PlaybookFinding[], style: Style): readonly string[] {
  return findings.flatMap(({ severity, source, path, message, hint }) => [
    `  ${severity === "error" ? style.bad("error") : style.warn("warning")} ${safeText(source ?? path)}: ${safeText(message)}`,
    ...(hint === "" ? [] : [`    ${style.dim("hint:")} ${safeText(hint)}`]),
  ]);
}

export const playbooksShow: Command = {
  ...playbooks,
  name: "playbooks show",
  summary: "what a playbook does and takes",
  args: [{ name: "name", about: "one of them" }],
  examples: [["playbooks show repo-report", "one, with its parameters"]],
};

export const playbooksRun: Command = {
  ...run,
  name: "playbooks run",
  group: GROUP,
  summary: "the same as kai run",
  examples: [["playbooks run repo-report --path .", "the same as kai run repo-report --path ."]],
};

export const playbooksRemove: Command = {
  name: "playbooks remove",
  group: GROUP,
  summary: "put a playbook of your own away; its file is kept beside the others",
  args: [{ name: "name", about: "one of your own" }],
  options: [{ flags: "--yes", about: "without asking" }],
  examples: [["playbooks remove weekly-report", "it is not found any more, and can be put back"]],
  async perform(kai, input): Promise<ExitCode> {
    const [name = ""] = input.args;
    const { terminal } = kai;
    const session = await kai.connect();
    if (!input.flag("yes")) {
      if (!terminal.canAsk) throw usageError("Nobody can be asked here.", { hint: "Add --yes." });
      if (!(await terminal.confirm(`Put the playbook ${safeText(name)} away?`))) {
        terminal.print("Left as it is.");
        return EXIT.done;
      }
    }
    const removed = await session.client.call("removePlaybook", { params: { name } });
    if (terminal.isJson) terminal.json(removed);
    else terminal.print(`${terminal.style.good("✓")} put away as ${safeText(removed.kept)}`);
    return EXIT.done;
  },
};
