// What the command line asks for, as the request that the node takes, with the folders it grants.

import { access, constants, realpath } from "node:fs/promises";
import type { TaskRequest } from "@kos/api";
import { isKosError, KosError } from "@kos/klp";
import type { CommandInput, Kai } from "../command.ts";
import { resolvePath } from "../connection/data-files.ts";
import { eachItem, type Session } from "../connection/session.ts";
import { didYouMean, usageError } from "../usage.ts";
import { parseBudget } from "./budget.ts";
import { asksToCompose, composedWork } from "./composed-work.ts";
import { type ParamSpec, paramSpecsOf } from "./param-type.ts";
import { readParams } from "./param-values.ts";
import { type ReadDocument, readDocument, reasonOf } from "./plan-file.ts";

export interface Submission {
  readonly request: TaskRequest;
  /** Real absolute paths the run may read under. */
  readonly roots: readonly string[];
  /** `repo-report`, `plan`: names the report's folder. */
  readonly name: string;
  /** Fields of the output that hold the artifacts to show at the end; empty: all artifacts. */
  readonly shows: readonly string[];
  /** The file a plan came from, to say where in it something is wrong. */
  readonly source?: ReadDocument;
}

/** Errors: BAD_REQUEST (wrong or missing parameters, unreadable files and folders), NOT_FOUND (playbook), UNKNOWN_CAPABILITY. */
export async function readSubmission(kai: Kai, session: Session, input: CommandInput): Promise<Submission> {
  const [target, ...args] = input.args;
  const budget = input.text("budget");
  const common: TaskRequest = {
    ...(budget !== undefined && { budget: parseBudget(budget) }),
    ...(input.flag("approval") && { approval: true }),
  };
  const made = await readWork(kai, session, input, target, args);
  const roots = await Promise.all(
    [...new Set([...made.paths, ...input.list("grant").map((path) => resolvePath(kai.machine, path))])].map(checkedRoot),
  );
  return {
    request: { ...common, ...made.request },
    roots: [...new Set(roots)],
    name: made.name,
    shows: made.shows ?? [],
    ...(made.source && { source: made.source }),
  };
}

interface Work {
  readonly request: TaskRequest;
  readonly paths: readonly string[];
  readonly name: string;
  readonly shows?: readonly string[];
  readonly source?: ReadDocument;
}

async function readWork(
  kai: Kai,
  session: Session,
  input: CommandInput,
  target: string | undefined,
  args: readonly string[],
): Promise<Work> {
  const goal = input.text("goal");
  const capability = input.text("capability");
  const rest = target === undefined ? args : [target, ...args];
  if (asksToCompose(input)) {
    const others = ["goal", "capability"].find((option) => input.text(option) !== undefined);
    if (others !== undefined) throw usageError(`--want and --${others} are two ways to say what to do: give one.`);
    return composedWork(kai.machine, input, rest);
  }
  if (goal !== undefined) {
    if (rest.length > 0) throw usageError(`--goal takes nothing beside it, but "${rest.join(" ")}" was given too.`);
    return { request: { goal }, paths: [], name: "goal" };
  }
  if (capability !== undefined) return capabilityWork(kai, session, input, capability, rest);
  if (target === undefined || target.startsWith("--")) {
    throw usageError("Say what to run: a playbook, a plan file, --want TYPE, --capability NAME or --goal TEXT.", {
      hint: "`kai playbooks` lists what is there; for example: kai run repo-report --path .",
    });
  }
  if (/\.(json|ya?ml)$/i.test(target) || target === "-") {
    const [surplus] = args;
    if (surplus !== undefined) throw usageError(`A plan takes no parameters, but "${surplus}" was given.`);
    const source = await readDocument(kai.machine, target);
    return { request: { plan: source.value }, paths: [], name: "plan", source };
  }
  return playbookWork(kai, session, input, target, args);
}

async function playbookWork(kai: Kai, session: Session, input: CommandInput, name: string, args: readonly string[]): Promise<Work> {
  const playbook = await findPlaybook(session, name);
  const given = await paramsOf(kai, input, paramSpecsOf(playbook.params), args, `The playbook ${name}`);
  return { request: { playbook: name, params: { ...given.values } }, paths: given.paths, name, shows: playbook.shows };
}

async function capabilityWork(kai: Kai, session: Session, input: CommandInput, name: string, args: readonly string[]): Promise<Work> {
  const names: string[] = [];
  for await (const capability of eachItem(session.client, "capabilities", {})) {
    names.push(capability.name);
    if (capability.name !== name) continue;
    const given = await paramsOf(kai, input, paramSpecsOf(capability.input), args, `The capability ${name}`);
    return { request: { capability: name, params: { ...given.values } }, paths: given.paths, name };
  }
  throw new KosError("UNKNOWN_CAPABILITY", `There is no capability ${name}.`, { details: { hint: didYouMean(name, names) } });
}

async function findPlaybook(session: Session, name: string) {
  try {
    return await session.client.call("playbook", { params: { name } });
  } catch (cause) {
    if (!isKosError(cause, "NOT_FOUND")) throw cause;
    const names: string[] = [];
    for await (const playbook of eachItem(session.client, "playbooks", {})) names.push(playbook.name);
    throw new KosError("NOT_FOUND", `There is no playbook ${name}.`, { details: { hint: didYouMean(name, names) }, cause });
  }
}

async function paramsOf(kai: Kai, input: CommandInput, specs: readonly ParamSpec[], args: readonly string[], owner: string) {
  const file = input.text("params");
  const document = file === undefined ? {} : (await readDocument(kai.machine, file)).value;
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw usageError(`--params ${file ?? ""} holds no object of parameters.`);
  }
  return readParams(specs, {
    args,
    pairs: input.list("param"),
    document: document as Readonly<Record<string, unknown>>,
    resolvePath: (path) => resolvePath(kai.machine, path),
    owner,
    otherOptions: input.declared,
  });
}

/** The real path of a folder or file that can be read. Errors: BAD_REQUEST. */
async function checkedRoot(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    await access(real, constants.R_OK);
    return real;
  } catch (cause) {
    throw usageError(`${path} cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}
