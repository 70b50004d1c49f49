// `--path ../x --top 20 --deep` against a playbook's parameters: typed values, and the folders that come with them.

import { nearestName } from "@kos/plan";
import { didYouMean, usageError } from "../usage.ts";
import type { ParamSpec } from "./param-type.ts";

export interface GivenParams {
  readonly values: Readonly<Record<string, unknown>>;
  /** What was given for parameters that are paths, in the order given, still as written. */
  readonly paths: readonly string[];
}

export interface ParamSource {
  /** What stood on the command line and no option of `run` was. */
  readonly args: readonly string[];
  /** `name=value`, for names that are options of `run` too. */
  readonly pairs: readonly string[];
  /** From `--params`. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Makes a path absolute. */
  readonly resolvePath: (path: string) => string;
  /** Of whom the parameters are, for messages. */
  readonly owner: string;
  /** Long names of the command's own options, for suggestions. */
  readonly otherOptions: readonly string[];
}

/** Errors: BAD_REQUEST for names nobody knows and for values that cannot be read. What is missing or out of bounds the node says. */
export function readParams(specs: readonly ParamSpec[], source: ParamSource): GivenParams {
  const values: Record<string, unknown> = {};
  const paths: string[] = [];
  const put = (spec: ParamSpec, value: unknown) => {
    const found = spec.type === "path" || (spec.type === "list" && spec.items === "path") ? resolved(value, source, paths) : value;
    const before = values[spec.name];
    values[spec.name] = spec.type === "list" && Array.isArray(before) && Array.isArray(found) ? [...before, ...found] : found;
  };
  for (const [name, value] of Object.entries(source.document)) put(specFor(name, specs, source, "in --params"), value);
  for (const { name, text } of [...options(source.args, specs, source), ...source.pairs.map(pairOf)]) {
    const spec = specFor(name, specs, source, "");
    put(spec, valueOf(text, spec));
  }
  const missing = specs.filter((spec) => spec.isRequired && values[spec.name] === undefined);
  const [first] = missing;
  if (first !== undefined) {
    throw usageError(`${source.owner} needs ${missing.map(optionName).join(" and ")}.`, {
      hint: `${optionName(first)} ${first.type === "path" ? "DIR" : "VALUE"}: ${first.about}`,
    });
  }
  return { values, paths };
}

interface GivenOption {
  readonly name: string;
  readonly text: string | undefined;
}

function* options(args: readonly string[], specs: readonly ParamSpec[], source: ParamSource): Generator<GivenOption> {
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? "";
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    if (!long) {
      const path = specs.find((spec) => spec.type === "path");
      throw usageError(`"${arg}" stands alone: every parameter needs its name.`, {
        hint: path === undefined ? `Write ${optionName(specs[0] ?? { name: "name" })} ${arg}.` : `Write ${optionName(path)} ${arg}.`,
      });
    }
    const [, name = "", inline] = long;
    if (inline !== undefined) {
      yield { name, text: inline };
      continue;
    }
    const spec = specFor(name, specs, source, "");
    const next = args[place + 1];
    if (spec.type === "boolean" && next !== "true" && next !== "false") yield { name, text: name.startsWith("no-") ? "false" : "true" };
    else {
      if (next === undefined || isOption(next)) throw usageError(`${arg} needs a value: ${spec.about}`);
      place += 1;
      yield { name, text: next };
    }
  }
}

/** A negative number is a value. */
function isOption(text: string): boolean {
  return text.startsWith("--") && text.length > 2;
}

function pairOf(pair: string): GivenOption {
  const at = pair.indexOf("=");
  if (at < 1) throw usageError(`--param ${pair} is not NAME=VALUE.`);
  return { name: pair.slice(0, at), text: pair.slice(at + 1) };
}

function specFor(typed: string, specs: readonly ParamSpec[], source: ParamSource, where: string): ParamSpec {
  const name = typed.replaceAll("-", "_");
  const found =
    specs.find((spec) => spec.name === typed || spec.name === name) ??
    specs.find((spec) => spec.type === "boolean" && `no_${spec.name}` === name);
  if (found !== undefined) return found;
  throw usageError(`${source.owner} has no parameter ${where === "" ? `--${typed}` : `"${typed}" (${where})`}.`, {
    hint: suggestion(
      typed,
      specs.map((spec) => spec.name.replaceAll("_", "-")),
      source.otherOptions,
    ),
  });
}

/** A slip in one of the command's own options is as likely as one in a parameter; but only parameters are listed. */
function suggestion(typed: string, names: readonly string[], others: readonly string[]): string {
  const near = nearestName(typed, [...names, ...others]);
  return near === undefined ? didYouMean(typed, names, "--") : `Did you mean --${near}?`;
}

function optionName({ name }: Pick<ParamSpec, "name">): string {
  return `--${name.replaceAll("_", "-")}`;
}

function valueOf(text: string | undefined, spec: ParamSpec): unknown {
  if (text === undefined) return true;
  if (spec.type !== "list") return scalarOf(text, spec.type, spec);
  if (text.trimStart().startsWith("[")) return jsonOf(text, spec);
  return text.split(",").map((part) => scalarOf(spec.items === "path" ? part : part.trim(), spec.items, spec));
}

function scalarOf(text: string, type: Exclude<ParamSpec["type"], "list">, spec: ParamSpec): unknown {
  switch (type) {
    case "text":
    case "path":
      if (spec.choices.length > 0 && !spec.choices.map(String).includes(text)) {
        throw usageError(`${optionName(spec)} cannot be "${text}".`, { hint: didYouMean(text, spec.choices.map(String)) });
      }
      return text;
    case "integer":
    case "number": {
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value) || (type === "integer" && !Number.isSafeInteger(value))) {
        throw usageError(`${optionName(spec)} takes ${type === "integer" ? "a whole number" : "a number"}, not "${text}".`);
      }
      return value;
    }
    case "boolean":
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      if (/^(false|no|off|0)$/i.test(text)) return false;
      throw usageError(`${optionName(spec)} is true or false, not "${text}".`);
    case "json":
      return jsonOf(text, spec);
  }
}

function jsonOf(text: string, spec: ParamSpec): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usageError(`${optionName(spec)} takes JSON, which "${text.slice(0, 60)}" is not.`, { cause });
  }
}

function resolved(value: unknown, source: ParamSource, paths: string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => resolved(each, source, paths));
  if (typeof value !== "string") return value;
  const path = source.resolvePath(value);
  paths.push(path);
  return path;
}
