// Builds the command line from the table of commands: parsing, help, and errors with a suggestion. It knows no command by name.

import { CommanderError, Option, Command as Parser } from "commander";
import type { Command, CommandInput } from "./command.ts";
import { COMMAND_GROUPS } from "./command.ts";
import type { Style } from "./format/style.ts";
import { textWidth } from "./format/text-width.ts";
import { usageError } from "./usage.ts";

export interface CommandLine {
  readonly commands: readonly Command[];
  readonly version: string;
  readonly style: Style;
  readonly columns: number;
  /** Help and version. */
  readonly write: (text: string) => void;
}

export interface Call {
  readonly command: Command;
  readonly input: CommandInput;
  readonly data: string | undefined;
}

const GROUP_ABOUT: Readonly<Record<string, string>> = {
  plan: "make, look at, compare and edit plans without running them",
  agents: "list agents and steer them",
  artifact: "list, fetch and store artifacts",
  config: "where settings come from",
  audit: "the node's signed log",
  schedules: "what runs later, or again and again",
  retention: "how long things are kept, and letting go of them",
  prove: "proofs that a stranger can run again",
};

/** What the arguments ask for; undefined when they asked for help or the version, which is then written. Errors: BAD_REQUEST. */
export async function parseCommandLine(argv: readonly string[], line: CommandLine): Promise<Call | undefined> {
  let call: Call | undefined;
  const program = createProgram(line, (found) => {
    call = found;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed" || error.code === "commander.version") return undefined;
    if (error.code === "commander.help") throw usageError("Say which command.", { hint: "The help above lists them." });
    const [message = "", hint] = error.message.replace(/^error: /, "").split("\n");
    throw usageError(`${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, "")}.`, {
      hint: hint === undefined ? "Add --help to see what it takes." : hint.replace(/^\(|\)$/g, ""),
      cause: error,
    });
  }
  return call;
}

function createProgram(line: CommandLine, take: (call: Call) => void): Parser {
  const { style } = line;
  const program = new Parser("kai")
    .description("kOS in the terminal: run plans that survive crashes, watch them, and prove what they did.")
    .version(line.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .option("--data <dir>", "data folder of the node (default: $KOS_DATA, else ~/.kos)")
    .option("--json", "machine-readable output: one JSON document a line")
    .exitOverride()
    .configureOutput({
      writeOut: line.write,
      writeErr: line.write,
      outputError: () => undefined,
      getOutHelpWidth: () => line.columns,
      getErrHelpWidth: () => line.columns,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => style.bold(title),
      styleCommandText: (text) => style.accent(text),
      styleOptionTerm: (text) => style.accent(text),
      styleSubcommandTerm: (text) => style.accent(text),
      styleArgumentTerm: (text) => style.accent(text),
      displayWidth: textWidth,
      subcommandTerm: (command) => command.name(),
    });
  for (const group of COMMAND_GROUPS) {
    for (const command of line.commands.filter((each) => each.group === group)) addCommand(program, command, style, take);
  }
  program.addHelpText(
    "after",
    exampleText(
      [
        ["run repo-report --path .", "the main job"],
        ["ps", "what ran"],
        ["show last", "the newest run"],
      ],
      style,
    ),
  );
  return program;
}

function addCommand(program: Parser, command: Command, style: Style, take: (call: Call) => void): void {
  const [first = "", second] = command.name.split(" ");
  const parent = second === undefined ? program : groupOf(program, first, command.group);
  const parser = parent
    .command(second ?? first)
    .summary(command.summary)
    .helpOption("-h, --help", "show help")
    .helpGroup(`${command.group}:`);
  parser.description(`${command.summary}${command.details === undefined ? "" : `\n\n${command.details}`}`);
  for (const { name, about, isOptional, isList } of command.args ?? []) {
    const shown = isList === true ? `${name}...` : name;
    parser.argument(isOptional === true ? `[${shown}]` : `<${shown}>`, about);
  }
  for (const { flags, about, isList, choices } of command.options ?? []) {
    const option = new Option(flags, about);
    if (choices !== undefined) option.choices(choices);
    if (isList === true) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    parser.addOption(option);
  }
  if (command.takesAnyOption === true) parser.allowUnknownOption();
  if (command.examples.length > 0) parser.addHelpText("after", exampleText(command.examples, style));
  parser.action(() => {
    const { data } = program.opts<{ readonly data?: string }>();
    take({ command, input: inputOf(parser), data });
  });
}

function groupOf(program: Parser, name: string, group: string): Parser {
  const found = program.commands.find((command) => command.name() === name);
  return (
    found ??
    program
      .command(name)
      .description(GROUP_ABOUT[name] ?? "")
      .helpOption("-h, --help", "show help")
      .helpCommand(false)
      .helpGroup(`${group}:`)
  );
}

function inputOf(parser: Parser): CommandInput {
  const values = parser.opts<Readonly<Record<string, unknown>>>();
  const valueOf = (option: string) => values[option.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
  const text = (option: string) => {
    const value = valueOf(option);
    return typeof value === "string" ? value : undefined;
  };
  return {
    args: parser.args,
    declared: parser.options.map((option) => option.name()),
    text,
    count(option, least) {
      const given = text(option);
      if (given === undefined) return undefined;
      const value = Number(given);
      if (Number.isSafeInteger(value) && value >= least && given.trim() !== "") return value;
      throw usageError(`--${option} takes a whole number from ${least}, not "${given}".`);
    },
    list(option) {
      const value = valueOf(option);
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (option) => valueOf(option) === true,
    wants: (option) => valueOf(option) !== false,
  };
}

function exampleText(examples: Command["examples"], style: Style): string {
  const longest = Math.max(...examples.map(([args]) => args.length));
  const lines = examples.map(
    ([args, effect]) => `  ${style.accent(`kai ${args}`)}${" ".repeat(longest - args.length)}  ${style.dim(effect)}`,
  );
  return `\n${style.bold("Examples:")}\n${lines.join("\n")}`;
}
