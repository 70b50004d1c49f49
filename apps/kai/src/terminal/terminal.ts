// What commands print to: lines and JSON on stdout, remarks on stderr, questions to the person. It decides about colours and liveliness.

import { createStyle, type Style } from "../format/style.ts";
import type { Machine } from "./machine.ts";

export interface Terminal {
  readonly style: Style;
  readonly remarkStyle: Style;
  /** Whether lines may be drawn over: a terminal, not a log. */
  readonly isLive: boolean;
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean;
  /** Machine-readable output was asked for; nothing else goes to stdout. */
  readonly isJson: boolean;
  width(): number;
  height(): number;
  print(...lines: readonly string[]): void;
  /** One JSON document on one line. */
  json(value: unknown): void;
  /** As it is, without a line end. */
  raw(data: string | Uint8Array): void;
  /** To stderr: what is no part of the answer. */
  remark(...lines: readonly string[]): void;
  /** Undefined when the person gave none (end of input, Ctrl-C). */
  ask(question: string): Promise<string | undefined>;
  /** True only for a clear yes. */
  confirm(question: string): Promise<boolean>;
}

const LEAST_COLUMNS = 40;
const PLAIN_COLUMNS = 120;

export function createTerminal(machine: Machine, options: { readonly json: boolean }): Terminal {
  const { env, stdout, stderr, stdin } = machine;
  const style = createStyle(hasColours(env, stdout.isTty));
  const terminal: Terminal = {
    style,
    remarkStyle: createStyle(hasColours(env, stderr.isTty)),
    isLive: stdout.isTty && !options.json && !isSet(env["NO_COLOR"]) && !isSet(env["CI"]) && env["TERM"] !== "dumb",
    canAsk: stdin.isTty && stdout.isTty && !options.json,
    isJson: options.json,
    width: () => (stdout.isTty ? Math.max(LEAST_COLUMNS, machine.columns()) : PLAIN_COLUMNS),
    height: () => machine.rows(),
    print: (...lines) => stdout.write(lines.map((line) => `${line}\n`).join("")),
    json: (value) => stdout.write(`${JSON.stringify(value)}\n`),
    raw: (data) => stdout.write(data),
    remark: (...lines) => stderr.write(lines.map((line) => `${line}\n`).join("")),
    ask: (question) => stdin.question(question),
    async confirm(question) {
      const answer = await stdin.question(`${question} ${style.dim("[y/N]")} `);
      return answer !== undefined && /^y(es)?$/i.test(answer.trim());
    },
  };
  return terminal;
}

function hasColours(env: Machine["env"], isTty: boolean): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return isTty && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
