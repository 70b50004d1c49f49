// One call of kai: arguments in, exit code out. Everything of the machine comes from outside.

import { toWireError } from "@kos/klp";
import type { Kai } from "./command.ts";
import { parseCommandLine } from "./command-line.ts";
import { COMMANDS } from "./command-table.ts";
import { attachToNode, connectToNode } from "./connection/connect.ts";
import { dataFolderOf } from "./connection/data-files.ts";
import type { Session } from "./connection/session.ts";
import { startJobNode } from "./connection/start-node.ts";
import { EXIT, exitCodeOfError } from "./exit-code.ts";
import { causeLines, errorLines } from "./format/error-text.ts";
import type { Machine } from "./terminal/machine.ts";
import { createScreen } from "./terminal/screen.ts";
import { createTerminal, type Terminal } from "./terminal/terminal.ts";
import { overviewLines } from "./view/overview.ts";
import { SPINNER_MS, spinnerAt } from "./view/run-lines.ts";

export async function runKai(argv: readonly string[], machine: Machine): Promise<number> {
  const terminal = createTerminal(machine, { json: argv.includes("--json") });
  try {
    if (argv.length === 0) {
      terminal.print(...overviewLines(terminal.style));
      return EXIT.done;
    }
    const call = await parseCommandLine(argv, {
      commands: COMMANDS,
      version: machine.version,
      style: terminal.style,
      columns: terminal.width(),
      write: (text) => terminal.raw(text),
    });
    if (call === undefined) return EXIT.done;
    return await call.command.perform(createKai(machine, terminal, call.data), call.input);
  } catch (error) {
    report(error, machine, terminal);
    return exitCodeOfError(error);
  }
}

function createKai(machine: Machine, terminal: Terminal, data: string | undefined): Kai {
  const dataFolder = dataFolderOf(machine, data);
  const program = machine.env["npm_command"] === undefined ? "kai" : "npx kai";
  return {
    machine,
    terminal,
    dataFolder,
    invocation: data === undefined ? program : `${program} --data ${shellWord(data)}`,
    connect: () =>
      withSpinner(machine, terminal, (signal) =>
        connectToNode(machine, dataFolder, (until) => startJobNode(machine, dataFolder, until), signal),
      ),
    attach: () => attachToNode(machine, dataFolder),
  };
}

/** A turning sign on stderr while a node is looked for or started. */
async function withSpinner(machine: Machine, terminal: Terminal, work: (signal: AbortSignal) => Promise<Session>): Promise<Session> {
  if (!machine.stderr.isTty || !terminal.isLive) return work(new AbortController().signal);
  using screen = createScreen({ write: (text) => machine.stderr.write(text), columns: () => machine.columns() });
  const startedAtMs = machine.now();
  const stop = machine.every(SPINNER_MS, () => {
    // Most nodes answer at once; nothing flickers then.
    if (machine.now() - startedAtMs > 250) screen.draw([`${terminal.remarkStyle.accent(spinnerAt(machine.now()))} starting a node …`]);
  });
  try {
    return await work(new AbortController().signal);
  } finally {
    stop();
  }
}

function report(error: unknown, machine: Machine, terminal: Terminal): void {
  if (terminal.isJson) terminal.json({ event: "error", error: toWireError(error) });
  else terminal.remark(...errorLines(error, terminal.remarkStyle));
  if (machine.env["KOS_DEBUG"] === "1") terminal.remark(...causeLines(error));
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
