// Which words (`x-kos-type`, docs/decisions/0013) a capability takes and gives, read from its schemas. What a schema does not say is not guessed.

import type { CapabilityShape } from "@kos/plan";

type SchemaObject = Readonly<Record<string, unknown>>;

/** One member of the input. */
export interface InputMember {
  readonly name: string;
  readonly schema: SchemaObject;
  readonly word: string | undefined;
  /** What stands in when nothing is given: the schema's `default` or `const`. */
  readonly fallback: { readonly value: unknown } | undefined;
}

/** One set of members that makes a call complete: the only one, or an alternative of the schema's `anyOf`. */
export interface InputWay {
  readonly required: readonly InputMember[];
  readonly optional: readonly InputMember[];
}

/** A place of the output that is always there and has a word. */
export interface OutputPlace {
  readonly word: string;
  /** Empty for the whole output. */
  readonly path: readonly string[];
  readonly schema: SchemaObject;
}

export interface CapabilityWords {
  /** The word of the whole input: an output of that word fills it member by member. */
  readonly whole: string | undefined;
  readonly members: readonly InputMember[];
  readonly ways: readonly InputWay[];
  /** The first place of a word is the one that counts: the whole before its members, outer before inner. */
  readonly places: readonly OutputPlace[];
}

const MAX_OUTPUT_DEPTH = 4;
const MAX_REFS = 8;
const readings = new WeakMap<CapabilityShape, CapabilityWords>();

export function readWords(capability: CapabilityShape): CapabilityWords {
  let words = readings.get(capability);
  if (words === undefined) readings.set(capability, (words = { ...readInput(capability.input), places: readOutput(capability.output) }));
  return words;
}

/** The word of a value: its own, or `word[]` for a list whose items have one. */
export function wordOf(schema: unknown, root: unknown = schema): string | undefined {
  const plain = follow(schema, root);
  const own = plain["x-kos-type"];
  if (typeof own === "string") return own;
  if (plain["type"] !== "array" || plain["items"] === undefined) return undefined;
  const item = follow(plain["items"], root)["x-kos-type"];
  return typeof item === "string" ? `${item}[]` : undefined;
}

function readInput(root: unknown): Omit<CapabilityWords, "places"> {
  const schema = follow(root, root);
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const members = Object.entries(properties).map(([name, member]): InputMember => {
    const plain = follow(member, root);
    return { name, schema: plain, word: wordOf(member, root), fallback: fallbackOf(plain) };
  });
  const always = names(schema["required"]);
  const alternatives = alternativesOf(schema, 0);
  const alternate = new Set(alternatives.flat());
  const ways = alternatives.map((alternative): InputWay => {
    const required = new Set([...always, ...alternative]);
    return {
      required: members.filter(({ name }) => required.has(name)),
      // Of several alternatives only one may be given.
      optional: members.filter(({ name }) => !required.has(name) && !alternate.has(name)),
    };
  });
  const known = new Set(Object.keys(properties));
  const sound = ways.filter((_, position) => [...always, ...(alternatives[position] ?? [])].every((name) => known.has(name)));
  const whole = schema["x-kos-type"];
  return { whole: typeof whole === "string" ? whole : undefined, members, ways: sound };
}

function fallbackOf(schema: SchemaObject): InputMember["fallback"] {
  if (schema["default"] !== undefined) return { value: schema["default"] };
  return schema["const"] !== undefined ? { value: schema["const"] } : undefined;
}

const MAX_ALTERNATIVES = 64;
const MAX_NESTING = 4;

/** Sets of names of which one has to be there: each way through `anyOf`, `oneOf` and `allOf`, as far as their branches only require. */
function alternativesOf(schema: SchemaObject, depth: number): readonly (readonly string[])[] {
  if (depth > MAX_NESTING) return [[]];
  let sets: readonly (readonly string[])[] = [[]];
  for (const union of [schema["anyOf"], schema["oneOf"]]) {
    if (!Array.isArray(union) || union.length === 0 || !union.every(onlyRequires)) continue;
    sets = combine(
      sets,
      union.flatMap((branch) => branchSets(branch, depth)),
    );
  }
  const parts: unknown = schema["allOf"];
  if (Array.isArray(parts)) for (const part of parts) if (isObject(part)) sets = combine(sets, branchSets(part, depth));
  return sets;
}

function branchSets(branch: SchemaObject, depth: number): readonly (readonly string[])[] {
  return alternativesOf(branch, depth + 1).map((set) => [...names(branch["required"]), ...set]);
}

function onlyRequires(branch: unknown): branch is SchemaObject {
  return isObject(branch) && (Array.isArray(branch["required"]) || Array.isArray(branch["anyOf"]) || Array.isArray(branch["allOf"]));
}

function combine(left: readonly (readonly string[])[], right: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return left.flatMap((set) => right.map((other) => [...set, ...other])).slice(0, MAX_ALTERNATIVES);
}

function readOutput(root: unknown): readonly OutputPlace[] {
  const places: OutputPlace[] = [];
  let level: { readonly schema: unknown; readonly path: readonly string[] }[] = [{ schema: root, path: [] }];
  for (let depth = 0; depth <= MAX_OUTPUT_DEPTH && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const { schema, path } of level) {
      const plain = follow(schema, root);
      const word = wordOf(schema, root);
      if (word !== undefined && !places.some((place) => place.word === word)) places.push({ word, path, schema: plain });
      if (!isObject(plain["properties"])) continue;
      const required = names(plain["required"]);
      for (const [name, member] of Object.entries(plain["properties"])) {
        if (required.includes(name)) next.push({ schema: member, path: [...path, name] });
      }
    }
    level = next;
  }
  return places;
}

/** The schema behind references into its own document; an empty one where there is none. Nothing is fetched. */
function follow(schema: unknown, root: unknown): SchemaObject {
  let current = schema;
  for (let count = 0; count < MAX_REFS && isObject(current) && typeof current["$ref"] === "string"; count += 1) {
    current = resolvePointer(current["$ref"], root);
  }
  return isObject(current) ? current : {};
}

function resolvePointer(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#/")) return undefined;
  return reference
    .slice(2)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined), root);
}

function names(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((name) => typeof name === "string") : [];
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
