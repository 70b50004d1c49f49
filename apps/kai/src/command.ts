// A command as data: what it is called, takes and shows in its help, and what it does. The program is built from a table of these.

import type { Session } from "./connection/session.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Machine } from "./terminal/machine.ts";
import type { Terminal } from "./terminal/terminal.ts";

export const COMMAND_GROUPS = ["Run", "Plans", "People", "Look inside", "Agents and tools", "Evidence", "This node"] as const;
type CommandGroup = (typeof COMMAND_GROUPS)[number];

interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly isOptional?: boolean;
  readonly isList?: boolean;
}

interface OptionSpec {
  /** `--budget <limits>`, as commander reads it. */
  readonly flags: string;
  readonly about: string;
  /** May be given several times. */
  readonly isList?: boolean;
  readonly choices?: readonly string[];
}

export interface CommandInput {
  readonly args: readonly string[];
  /** Long names of the options that the command declares. */
  readonly declared: readonly string[];
  /** What was given under an option, by its long name without dashes. */
  text(option: string): string | undefined;
  /** A whole number of at least `least`. Errors: BAD_REQUEST. */
  count(option: string, least: number): number | undefined;
  list(option: string): readonly string[];
  flag(option: string): boolean;
  /** False after `--no-<option>`. */
  wants(option: string): boolean;
}

export interface Kai {
  readonly machine: Machine;
  readonly terminal: Terminal;
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /** How to call kai again for this data folder: `kai`, `npx kai --data DIR`. */
  readonly invocation: string;
  /** A node to talk to; one is started for the time of the job where none runs. Errors: the node's own, UNAVAILABLE. */
  connect(): Promise<Session>;
  /** The running node, or undefined. */
  attach(): Promise<Session | undefined>;
}

export interface Command {
  /** `plan show`: at most two words. */
  readonly name: string;
  readonly group: CommandGroup;
  readonly summary: string;
  /** More for `--help`, after the summary. */
  readonly details?: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Options that nobody declared are handed over among the arguments. */
  readonly takesAnyOption?: boolean;
  /** Arguments after `kai`, and what they do. */
  readonly examples: readonly (readonly [args: string, effect: string])[];
  perform(kai: Kai, input: CommandInput): Promise<ExitCode>;
}
