// `--given url=… --want report`: what there is and what is wanted, as the request that kPlanner composes a plan from.

import { readFile, stat } from "node:fs/promises";
import type { TaskRequest } from "@kos/api";
import { GIVEN_ALIASES, WANT_ALIASES } from "@kos/plan";
import type { CommandInput } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import type { Machine } from "../terminal/machine.ts";
import { usageError } from "../usage.ts";
import { reasonOf } from "./plan-file.ts";

export const COMPOSE_OPTIONS = [
  {
    flags: "--given <name=value>",
    about: "what there is: url=…, path=…, text=…, a type's or a parameter's name; NAME=@FILE takes a file's text; paths are granted",
    isList: true,
  },
  { flags: "--want <type>", about: `what is wanted: ${Object.keys(WANT_ALIASES).slice(0, 6).join(", ")}, … or a type` },
  { flags: "--through <type>", about: "with --want: it must be made from this type" },
  { flags: "--without <capability>", about: "with --want: do not use this capability", isList: true },
] as const;

export interface ComposedWork {
  readonly request: TaskRequest;
  /** Paths that were given, absolute: the run may read them. */
  readonly paths: readonly string[];
  readonly name: string;
  /** Of a report its pages, not what was written on the way. */
  readonly shows?: readonly string[];
}

const MAX_TEXT_BYTES = 1_048_576;
const PATH_WORD = "fs.path";

export function asksToCompose(input: CommandInput): boolean {
  return input.text("want") !== undefined || input.list("given").length > 0;
}

/** Errors: BAD_REQUEST for what cannot be read. Whether the names mean something the node says. */
export async function composedWork(machine: Machine, input: CommandInput, rest: readonly string[]): Promise<ComposedWork> {
  const want = input.text("want");
  if (want === undefined) throw usageError("--given says what there is; say with --want what is wanted.", { hint: "--want report" });
  const [surplus] = rest;
  if (surplus !== undefined) {
    throw usageError(`With --want nothing else is run, but "${surplus}" was given.`, { hint: `For a value: --given NAME=${surplus}` });
  }
  const given: Record<string, unknown> = {};
  const paths: string[] = [];
  for (const pair of input.list("given")) {
    const { name, type, text } = split(pair);
    if (Object.hasOwn(given, name)) throw usageError(`--given ${name} stands twice.`, { hint: "Each name stands for one thing." });
    const word = type ?? (Object.hasOwn(GIVEN_ALIASES, name) ? GIVEN_ALIASES[name] : name.includes(".") ? name : undefined);
    const value = word === PATH_WORD ? resolvePath(machine, text) : await valueOf(machine, text, word !== undefined);
    if (word === PATH_WORD) paths.push(String(value));
    given[name] = type === undefined ? value : { type, value };
  }
  const through = input.text("through");
  const without = input.list("without");
  const isPlain = through === undefined && without.length === 0;
  return {
    request: {
      given,
      want: isPlain
        ? want
        : { type: want, ...(through !== undefined && { through }), ...(without.length > 0 && { without: [...without] }) },
    },
    paths,
    name: want.replaceAll(/[^a-z0-9-]+/gi, "-"),
    ...(isReport(want) && { shows: ["html", "markdown"] }),
  };
}

function isReport(want: string): boolean {
  return (Object.hasOwn(WANT_ALIASES, want) ? WANT_ALIASES[want]?.type : want) === "report.files";
}

/** `name=text`, or `name:type=text`. */
function split(pair: string): { readonly name: string; readonly type: string | undefined; readonly text: string } {
  const found = /^([^=:]+)(?::([^=]+))?=(.*)$/s.exec(pair);
  const [, name, type, text] = found ?? [];
  if (name === undefined || text === undefined) {
    throw usageError(`--given ${pair} is not NAME=VALUE.`, { hint: "For example --given url=https://example.org/" });
  }
  return { name, type, text };
}

/** A text, or where nothing says that it is one, the number, truth value, list or object it spells. */
async function valueOf(machine: Machine, text: string, isTyped: boolean): Promise<unknown> {
  if (text.startsWith("@@")) return text.slice(1);
  if (text.startsWith("@")) return textOf(machine, text.slice(1));
  if (isTyped ? !/^\s*[[{]/.test(text) : !/^\s*([[{]|-?\d|true\s*$|false\s*$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // It only looked like JSON.
    return text;
  }
}

/** The file's text goes into the request: kai reads it, not the node. */
async function textOf(machine: Machine, file: string): Promise<string> {
  const path = resolvePath(machine, file);
  try {
    if ((await stat(path)).size > MAX_TEXT_BYTES) {
      throw usageError(`${file} is larger than 1 MiB.`, { hint: `Give its path instead: --given path=${file}` });
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    if (cause instanceof TypeError)
      throw usageError(`${file} is not UTF-8 text.`, { hint: `Give its path instead: --given path=${file}`, cause });
    if ((cause as { readonly code?: unknown }).code === "BAD_REQUEST") throw cause;
    throw usageError(`${file} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}
