// `kai capabilities` and `kai playbooks`: what can be run here.

import type { CapabilityView, PlaybookView } from "@kos/api";
import { KosError, safeText } from "@kos/klp";
import type { Command } from "../command.ts";
import { eachItem } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { safeLines } from "../format/safe-text.ts";
import type { Style } from "../format/style.ts";
import { renderTable } from "../format/table.ts";
import { padEnd, wrap } from "../format/text-width.ts";
import { type ParamSpec, paramSpecsOf } from "../run/param-type.ts";
import { didYouMean } from "../usage.ts";
import { brief } from "../view/run-summary.ts";

const GROUP = "Agents and tools";

export const capabilities: Command = {
  name: "capabilities",
  group: GROUP,
  summary: "what the agents of this node can do",
  args: [{ name: "name", about: "one of them, with its params", isOptional: true }],
  examples: [
    ["capabilities", "all of them"],
    ["capabilities fs.scan", "one, with what it takes and gives"],
    ["run --capability fs.scan --path .", "call one"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const { terminal } = kai;
    const all: CapabilityView[] = [];
    for await (const capability of eachItem(session.client, "capabilities", {})) all.push(capability);
    const [name] = input.args;
    if (name !== undefined) {
      const found = all.find((capability) => capability.name === name);
      if (found === undefined)
        throw new KosError("UNKNOWN_CAPABILITY", `There is no capability ${name}.`, {
          details: {
            hint: didYouMean(
              name,
              all.map((each) => each.name),
            ),
          },
        });
      if (terminal.isJson) terminal.json(found);
      else terminal.print(...capabilityLines(found, terminal.width(), terminal.style));
    } else if (terminal.isJson) for (const capability of all) terminal.json(capability);
    else {
      const columns = [{ title: "capability" }, { title: "agent" }, { title: "effects" }, { title: "what it does", flexible: true }];
      const rows = all
        .toSorted((left, right) => left.name.localeCompare(right.name))
        .map((each) => [
          terminal.style.accent(safeText(each.name)),
          safeText(each.agent_id),
          each.effects.map(safeText).join(", "),
          safeText(each.title),
        ]);
      terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style));
    }
    return EXIT.done;
  },
};

export const playbooks: Command = {
  name: "playbooks",
  group: GROUP,
  summary: "playbooks, shipped and your own; with a name: what it does and takes",
  args: [{ name: "name", about: "one of them, with its parameters", isOptional: true }],
  examples: [
    ["playbooks", "all of them"],
    ["playbooks repo-report", "one, with its parameters"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const { terminal } = kai;
    const all: PlaybookView[] = [];
    for await (const playbook of eachItem(session.client, "playbooks", {})) all.push(playbook);
    const [name] = input.args;
    if (name !== undefined) {
      const found = all.find((playbook) => playbook.name === name);
      if (found === undefined)
        throw new KosError("NOT_FOUND", `There is no playbook ${name}.`, {
          details: {
            hint: didYouMean(
              name,
              all.map((each) => each.name),
            ),
          },
        });
      if (terminal.isJson) terminal.json(found);
      else terminal.print(...playbookLines(found, kai.invocation, terminal.width(), terminal.style));
    } else if (terminal.isJson) for (const playbook of all) terminal.json(playbook);
    else if (all.length === 0) terminal.print("There are no playbooks. Yours belong into playbooks/ of the data folder.");
    else {
      const columns = [{ title: "playbook" }, { title: "version" }, { title: "from" }, { title: "what it does", flexible: true }];
      const rows = all.map((each) => [
        terminal.style.accent(safeText(each.name)),
        safeText(each.version),
        safeText(each.origin),
        safeText(each.title),
      ]);
      terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style));
    }
    return EXIT.done;
  },
};

function playbookLines(playbook: PlaybookView, invocation: string, width: number, style: Style): readonly string[] {
  const specs = paramSpecsOf(playbook.params);
  const required = specs.filter((spec) => spec.isRequired).map((spec) => ` --${spec.name.replaceAll("_", "-")} ${valueWord(spec)}`);
  return [
    `${style.bold(safeText(playbook.title))}  ${style.dim(`${safeText(playbook.name)} ${safeText(playbook.version)}, ${safeText(playbook.origin)}`)}`,
    ...safeLines(playbook.description).flatMap((line) => wrap(line, width)),
    "",
    ...paramLines(specs, width, style),
    ...playbook.problems.map((problem) => style.bad(`broken: ${safeText(problem)}`)),
    `${style.dim("Run it:")} ${invocation} run ${safeText(playbook.name)}${required.join("")}`,
    style.dim(playbook.hash),
  ];
}

function capabilityLines(capability: CapabilityView, width: number, style: Style): readonly string[] {
  return [
    `${style.bold(safeText(capability.name))}  ${safeText(capability.title)}  ${style.dim(`${safeText(capability.agent_id)} ${safeText(capability.version)}`)}`,
    ...safeLines(capability.description).flatMap((line) => wrap(line, width)),
    "",
    `  ${style.dim("effects")}     ${capability.effects.map(safeText).join(", ") || "none"}`,
    `  ${style.dim("repeatable")}  ${capability.idempotent ? "yes" : "no: cut off in the middle it ends in doubt"}`,
    "",
    ...paramLines(paramSpecsOf(capability.input), width, style),
    style.dim("The schemas are in --json."),
  ];
}

function paramLines(specs: readonly ParamSpec[], width: number, style: Style): readonly string[] {
  if (specs.length === 0) return [];
  const terms = specs.map((spec) => `--${spec.name.replaceAll("_", "-")} ${valueWord(spec)}`.trimEnd());
  const columns = Math.max(...terms.map((term) => term.length));
  const lines = specs.flatMap((spec, place) => {
    const notes = [
      ...(spec.isRequired ? ["required"] : []),
      ...(spec.defaultValue === undefined || spec.defaultValue === null ? [] : [`default ${brief(spec.name, spec.defaultValue)}`]),
      ...(spec.choices.length > 0 ? [`one of ${spec.choices.join(", ")}`] : []),
    ];
    const about = `${safeText(spec.about)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
    const [first = "", ...rest] = wrap(about, Math.max(20, width - columns - 4));
    return [`  ${style.accent(padEnd(terms[place] ?? "", columns))}  ${first}`, ...rest.map((line) => " ".repeat(columns + 4) + line)];
  });
  return [style.bold("Parameters"), ...lines, ""];
}

function valueWord(spec: ParamSpec): string {
  switch (spec.type) {
    case "path":
      return "PATH";
    case "integer":
    case "number":
      return "N";
    case "boolean":
      return "";
    case "list":
      return "A,B";
    case "json":
      return "JSON";
    case "text":
      return "TEXT";
  }
}
