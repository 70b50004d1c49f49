// What a caller has and wants, read from the request: names, words, values. Values become templates in which nothing is a reference.

import { KosError } from "@kos/klp";
import type { Finding } from "@kos/plan";
import { childPath, fitsSchema, GIVEN_ALIASES, nearestName, WANT_ALIASES } from "@kos/plan";
import { escaped } from "../substitute.ts";
import type { InputMember } from "./schema-words.ts";

/** Something that is there before the plan begins. */
export interface Given {
  readonly name: string;
  /** Undefined: it is known by its name alone. */
  readonly word: string | undefined;
  /** As it stands in a task's params. */
  readonly template: unknown;
  /** The value itself; undefined when the template refers to what is known only later. */
  readonly literal: { readonly value: unknown } | undefined;
}

export interface Wish {
  readonly type: string;
  /** What is wanted must be made from a value of this word. */
  readonly through?: string | undefined;
  /** Capabilities that are not to be used. */
  readonly without: readonly string[];
}

export interface Vocabulary {
  /** Every word that some capability takes or gives. */
  readonly words: ReadonlySet<string>;
  /** Every name of an input member. */
  readonly names: ReadonlySet<string>;
  readonly capabilities: ReadonlySet<string>;
}

const WORD = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\[\])?$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const MAX_GIVEN = 100;

/** Errors: BAD_REQUEST with `details.findings`, all of them. */
export function readRequest(
  given: unknown,
  want: unknown,
  vocabulary: Vocabulary,
): { readonly givens: readonly Given[]; readonly wish: Wish } {
  const findings: Finding[] = [];
  const report = (path: string, message: string, hint: string) =>
    void findings.push({ code: "BAD_PARAM", severity: "error", path, message, hint });
  const givens = readGivens(given, vocabulary, report);
  const wish = readWish(want, vocabulary, report);
  if (wish !== undefined && findings.length === 0) return { givens, wish };
  const shown = findings.slice(0, 5).map(({ path, message, hint }) => `${path}: ${message} ${hint}`);
  throw new KosError("BAD_REQUEST", `What is given and wanted cannot be used. ${shown.join(" | ")}`, { details: { findings } });
}

type Report = (path: string, message: string, hint: string) => void;

function readGivens(given: unknown, vocabulary: Vocabulary, report: Report): readonly Given[] {
  if (!isRecord(given)) {
    report("$.given", "what is given is no object.", 'Write {"url": "https://…"}: names, and what they stand for.');
    return [];
  }
  const entries = Object.entries(given);
  if (entries.length > MAX_GIVEN) {
    report("$.given", `more than ${MAX_GIVEN} things are given.`, "Give what the plan begins with, not its data.");
    return [];
  }
  return entries.flatMap(([name, entry]) => readGiven(name, entry, vocabulary, report) ?? []);
}

function readGiven(name: string, entry: unknown, vocabulary: Vocabulary, report: Report): Given | undefined {
  const at = childPath("$.given", name);
  if (!NAME.test(name) && !WORD.test(name)) {
    report(at, "this is no name.", "Use letters, digits and _, or a word as x-kos-type has it: text.plain.");
    return undefined;
  }
  const typed = isTyped(entry) ? entry : undefined;
  const value = typed === undefined ? entry : typed.value;
  const word =
    typed?.type ??
    (Object.hasOwn(GIVEN_ALIASES, name) ? GIVEN_ALIASES[name] : undefined) ??
    (vocabulary.words.has(name) ? name : undefined);
  if (value === null || value === undefined) {
    report(at, "nothing is given under this name.", "Give a value, or leave the name out.");
    return undefined;
  }
  if (typed !== undefined && !vocabulary.words.has(typed.type)) {
    report(`${at}.type`, `no capability knows a value of the type "${typed.type}".`, near(typed.type, vocabulary.words, "There are"));
    return undefined;
  }
  if (word === undefined && !vocabulary.names.has(name)) {
    const known = new Set([...Object.keys(GIVEN_ALIASES), ...vocabulary.words, ...vocabulary.names]);
    report(at, `"${name}" is neither a type nor the name of anything that a capability takes.`, near(name, known, "For example"));
    return undefined;
  }
  return { name, word, template: escaped(value), literal: { value } };
}

function readWish(want: unknown, vocabulary: Vocabulary, report: Report): Wish | undefined {
  const { type: asked, through, without, ...others } = isRecord(want) ? want : { type: want };
  const [stray] = Object.keys(others);
  if (stray !== undefined) report(childPath("$.want", stray), `there is no "${stray}" here.`, "It takes type, through and without.");
  if (typeof asked !== "string" || asked === "") {
    report("$.want", "what is wanted is no word.", `Write a type, or one of ${Object.keys(WANT_ALIASES).join(", ")}.`);
    return undefined;
  }
  const alias = Object.hasOwn(WANT_ALIASES, asked) ? WANT_ALIASES[asked] : undefined;
  const type = alias?.type ?? asked;
  if (!vocabulary.words.has(type)) {
    const known = new Set([...Object.keys(WANT_ALIASES), ...vocabulary.words]);
    const message = alias === undefined ? `nothing here is called "${asked}".` : `no capability of this node gives or takes ${type}.`;
    report("$.want", message, near(asked, known, "There are"));
  }
  const via = readThrough(through, vocabulary, report) ?? alias?.through;
  return { type, through: via === type ? undefined : via, without: readWithout(without, vocabulary, report) };
}

function readThrough(through: unknown, vocabulary: Vocabulary, report: Report): string | undefined {
  if (through === undefined) return undefined;
  const word =
    typeof through === "string" ? (Object.hasOwn(WANT_ALIASES, through) ? (WANT_ALIASES[through]?.type ?? through) : through) : "";
  if (vocabulary.words.has(word)) return word;
  report(
    "$.want.through",
    `${JSON.stringify(through).slice(0, 80)} is no type that a capability knows.`,
    near(word, vocabulary.words, "There are"),
  );
  return undefined;
}

function readWithout(without: unknown, vocabulary: Vocabulary, report: Report): readonly string[] {
  if (without === undefined) return [];
  const list = Array.isArray(without) ? without : [without];
  const unknown = list.find((name) => typeof name !== "string" || !vocabulary.capabilities.has(name));
  if (unknown === undefined) return list.map(String);
  const shown = JSON.stringify(unknown).slice(0, 80);
  report("$.want.without", `there is no capability ${shown}.`, near(String(unknown), vocabulary.capabilities, "There are"));
  return [];
}

/** Whether the value can stand in this place of a call. What is known only later is taken on its word. */
export function fitsMember(given: Given, member: Pick<InputMember, "schema">): boolean {
  if (given.literal === undefined) return true;
  try {
    return fitsSchema(member.schema, given.literal.value);
  } catch {
    // A schema that refers to its surroundings cannot be looked at alone; the check of the whole plan will.
    return true;
  }
}

function isTyped(entry: unknown): entry is { readonly type: string; readonly value: unknown } {
  if (!isRecord(entry) || typeof entry["type"] !== "string" || !Object.hasOwn(entry, "value")) return false;
  return Object.keys(entry).length === 2 && WORD.test(entry["type"]);
}

const MAX_SHOWN = 20;

function near(name: string, known: ReadonlySet<string>, otherwise: string): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `Did you mean "${nearest}"?`;
  const all = [...known].sort();
  return `${otherwise}: ${all.slice(0, MAX_SHOWN).join(", ")}${all.length > MAX_SHOWN ? ", …" : ""}.`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
