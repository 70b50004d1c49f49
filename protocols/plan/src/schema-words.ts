// Schemas and values in a few words, for messages.

type SchemaObject = Readonly<Record<string, unknown>>;

/** Keywords that offer alternatives. */
export const COMBINATORS = ["anyOf", "oneOf"] as const;
const MAX_SHOWN = 60;

/** A few words on what a schema asks for. */
export function describeSchema(schema: object): string {
  const place = schema as SchemaObject;
  if ("const" in place) return describeLiteral(place["const"]);
  if (Array.isArray(place["enum"])) return `one of ${place["enum"].slice(0, 12).map(describeLiteral).join(", ")}`;
  const union = COMBINATORS.flatMap((keyword) => (Array.isArray(place[keyword]) ? (place[keyword] as readonly unknown[]) : []));
  if (union.length > 0) return [...new Set(union.filter(isSchemaObject).map(describeSchema))].join(" or ");
  const types = typesIn(place);
  return types.length === 0 ? "another value" : types.map((type) => TYPE_WORDS[type] ?? type).join(" or ");
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

/** A few words on a value. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isSchemaObject(value)) return "an object";
  return value === undefined ? "nothing" : describeLiteral(value);
}

/** A value as it is written. */
export function describeLiteral(value: unknown): string {
  if (typeof value === "object" && value !== null) return describeValue(value);
  return typeof value === "string" ? `"${clip(value)}"` : String(value);
}

/** Cut to a readable length. */
export function clip(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 3)}...`;
}

/** The types a schema names, if it names any. */
export function typesIn(schema: SchemaObject): readonly string[] {
  const type = schema["type"];
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((entry): entry is string => typeof entry === "string") : [];
}

function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
