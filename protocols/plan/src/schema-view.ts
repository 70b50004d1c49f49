// Looks along a path into a JSON Schema: can the place exist, which types can stand there, does it steer an effect? It never guesses:
// where a schema says little, or is built in ways not followed here, the answer is "open" and everything passes.

type SchemaObject = Readonly<Record<string, unknown>>;

export type SchemaView =
  /** Nothing is known; anything may be there. */
  | { readonly kind: "open" }
  /** No value of the schema has this place. */
  | { readonly kind: "impossible"; readonly why: string; readonly names: readonly string[] }
  /** Allowed, but not among the declared members. */
  | { readonly kind: "undeclared"; readonly names: readonly string[] }
  | { readonly kind: "known"; readonly root: unknown; readonly alternatives: readonly SchemaObject[] };

const OPEN: SchemaView = { kind: "open" };
const MAX_REFS = 16;
const MAX_SEARCH_DEPTH = 16;
/** Keywords that combine schemas in ways this module does not follow. */
const NOT_FOLLOWED = ["allOf", "not", "if", "then", "else", "dependentSchemas", "$dynamicRef", "patternProperties"] as const;

export function viewSchema(schema: unknown, root: unknown = schema): SchemaView {
  const alternatives = expand(schema, root, 0);
  if (alternatives === undefined) return OPEN;
  return { kind: "known", root, alternatives };
}

/** The view one step further in: a member or a list position. */
export function stepInto(view: SchemaView, step: string | number): SchemaView {
  if (view.kind !== "known") return view;
  const [only] = view.alternatives;
  if (only !== undefined && view.alternatives.length === 1) return stepOne(only, step, view.root);
  const results = view.alternatives.map((schema) => stepOne(schema, step, view.root));
  const possible = results.filter((result) => result.kind !== "impossible");
  const [first] = possible.length > 0 ? possible : results;
  if (first === undefined) return OPEN;
  if (possible.length <= 1) return first;
  if (possible.some((result) => result.kind === "open")) return OPEN;
  const known = possible.flatMap((result) => (result.kind === "known" ? result.alternatives : []));
  return known.length > 0 ? { kind: "known", root: view.root, alternatives: known } : first;
}

/** JSON types that can stand here; undefined when any can. `integer` counts as `number`. */
export function typesAt(view: SchemaView): ReadonlySet<string> | undefined {
  if (view.kind !== "known") return undefined;
  const [only] = view.alternatives;
  if (only !== undefined && view.alternatives.length === 1) return typesOf(only);
  const types = new Set<string>();
  for (const schema of view.alternatives) {
    const own = typesOf(schema);
    if (own === undefined) return undefined;
    for (const type of own) types.add(type);
  }
  return types;
}

/** Whether only numbers, booleans or members of a closed set can stand here: none of them can carry instructions. */
export function isClosedScalar(view: SchemaView): boolean {
  return view.kind === "known" && view.alternatives.length > 0 && view.alternatives.every(isClosed);
}

function isClosed(schema: SchemaObject): boolean {
  if ("const" in schema || Array.isArray(schema["enum"])) return true;
  const types = typesOf(schema);
  if (types === undefined || types.size === 0) return false;
  for (const type of types) if (type !== "number" && type !== "boolean") return false;
  return true;
}

/** Whether the place at the end of the path, something around it or something inside it is marked `x-kos-sink: control`. */
export function isControlSink(schema: unknown, path: readonly (string | number)[]): boolean {
  let view = viewSchema(schema);
  for (const step of path) {
    if (isMarked(view)) return true;
    view = stepInto(view, step);
  }
  return view.kind === "known" && view.alternatives.some((alternative) => holdsControlSink(alternative, view.root, 0));
}

/** Whether any place of the schema is a control sink. */
export function hasControlSink(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  let known = steered.get(schema);
  if (known === undefined) steered.set(schema, (known = holdsControlSink(schema, schema, 0)));
  return known;
}

function isMarked(view: SchemaView): boolean {
  return view.kind === "known" && view.alternatives.some((schema) => schema["x-kos-sink"] === "control");
}

function holdsControlSink(schema: unknown, root: unknown, depth: number): boolean {
  if (depth > MAX_SEARCH_DEPTH || !isObject(schema)) return false;
  if (schema["x-kos-sink"] === "control") return true;
  const target = typeof schema["$ref"] === "string" ? resolvePointer(schema["$ref"], root) : undefined;
  const parts = [schema["items"], schema["additionalProperties"], target];
  for (const keyword of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
    if (Array.isArray(schema[keyword])) parts.push(...(schema[keyword] as readonly unknown[]));
  }
  if (isObject(schema["properties"])) parts.push(...Object.values(schema["properties"]));
  return parts.some((part) => holdsControlSink(part, root, depth + 1));
}

/** Schemas that stand for themselves alone: looked at once, since plans call the same capabilities thousands of times. */
const plain = new WeakMap<SchemaObject, readonly SchemaObject[]>();
const typeSets = new WeakMap<SchemaObject, ReadonlySet<string>>();
const steered = new WeakMap<SchemaObject, boolean>();

/** The plain object schemas a schema stands for; undefined when it is open. */
function expand(schema: unknown, root: unknown, refs: number): readonly SchemaObject[] | undefined {
  if (schema === false) return [];
  if (!isObject(schema) || refs > MAX_REFS) return undefined;
  if (typeof schema["$ref"] === "string") {
    const target = resolvePointer(schema["$ref"], root);
    return target === undefined ? undefined : expand(target, root, refs + 1);
  }
  const alone = plain.get(schema);
  if (alone !== undefined) return alone;
  if (NOT_FOLLOWED.some((keyword) => keyword in schema)) return undefined;
  const union = schema["anyOf"] ?? schema["oneOf"];
  if (union === undefined) {
    const alternatives = [schema];
    plain.set(schema, alternatives);
    return alternatives;
  }
  if (!Array.isArray(union) || "properties" in schema) return undefined;
  const mark = schema["x-kos-sink"];
  const expanded: SchemaObject[] = [];
  for (const branch of union) {
    const alternatives = expand(branch, root, refs + 1);
    if (alternatives === undefined) return undefined;
    expanded.push(...(mark === undefined ? alternatives : alternatives.map((alternative) => ({ "x-kos-sink": mark, ...alternative }))));
  }
  return expanded;
}

/** References inside the same document only; nothing is ever fetched. */
function resolvePointer(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#")) return undefined;
  let current = root;
  for (const segment of reference.slice(1).split("/").slice(1)) {
    const name = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

interface KnownSteps {
  readonly root: unknown;
  readonly views: Map<string | number, SchemaView>;
}

/** Views of the places a schema declares; as many as it is large, whatever is asked of it. */
const declared = new WeakMap<SchemaObject, KnownSteps>();

function stepOne(schema: SchemaObject, step: string | number, root: unknown): SchemaView {
  const isDeclared = typeof step === "string" && isObject(schema["properties"]) && Object.hasOwn(schema["properties"], step);
  if (!isDeclared) return takeStep(schema, step, root);
  let known = declared.get(schema);
  if (known === undefined || known.root !== root) declared.set(schema, (known = { root, views: new Map() }));
  let view = known.views.get(step);
  if (view === undefined) known.views.set(step, (view = takeStep(schema, step, root)));
  return view;
}

function takeStep(schema: SchemaObject, step: string | number, root: unknown): SchemaView {
  const types = typesOf(schema);
  const wanted = typeof step === "number" ? "array" : "object";
  if (types !== undefined && !types.has(wanted)) {
    return { kind: "impossible", why: `it is ${[...types].join(" or ")}, not ${wanted}`, names: [] };
  }
  return typeof step === "number" ? stepIntoList(schema, step, root) : stepIntoObject(schema, step, root);
}

function stepIntoList(schema: SchemaObject, position: number, root: unknown): SchemaView {
  const { prefixItems, items, maxItems } = schema;
  if (typeof maxItems === "number" && position >= maxItems)
    return { kind: "impossible", why: `the list has at most ${maxItems}`, names: [] };
  if (Array.isArray(prefixItems) && position < prefixItems.length) return viewSchema(prefixItems[position], root);
  if (items === false) return { kind: "impossible", why: "the list is shorter", names: [] };
  return items === undefined ? OPEN : viewSchema(items, root);
}

function stepIntoObject(schema: SchemaObject, name: string, root: unknown): SchemaView {
  const properties = isObject(schema["properties"]) ? schema["properties"] : undefined;
  if (properties !== undefined && Object.hasOwn(properties, name)) return viewSchema(properties[name], root);
  const rest = schema["additionalProperties"];
  if (properties === undefined && rest !== false && !isObject(rest)) return OPEN;
  const names = Object.keys(properties ?? {});
  if (rest === false) return { kind: "impossible", why: `there is no "${name}"`, names };
  if (isObject(rest)) return viewSchema(rest, root);
  return names.length > 0 && rest === undefined ? { kind: "undeclared", names } : OPEN;
}

function typesOf(schema: SchemaObject): ReadonlySet<string> | undefined {
  const known = typeSets.get(schema);
  if (known !== undefined) return known;
  const types = readTypes(schema);
  if (types !== undefined) typeSets.set(schema, types);
  return types;
}

function readTypes(schema: SchemaObject): ReadonlySet<string> | undefined {
  const { type } = schema;
  if (typeof type === "string") return new Set([plainType(type)]);
  if (Array.isArray(type)) return new Set(type.map((entry) => plainType(String(entry))));
  if ("const" in schema) return new Set([typeOfValue(schema["const"])]);
  if (Array.isArray(schema["enum"])) return new Set(schema["enum"].map(typeOfValue));
  return undefined;
}

function plainType(type: string): string {
  return type === "integer" ? "number" : type;
}

/** The JSON type of a value, in the words of JSON Schema; numbers are all `number`. */
function typeOfValue(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
