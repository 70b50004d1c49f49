// The fields of a form, read from a JSON Schema: what kind of control each is and what it says. A schema this cannot show becomes JSON.

type Schema = Readonly<Record<string, unknown>>;

const FIELD_KINDS = ["text", "path", "integer", "number", "boolean", "choice", "list", "json"] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: FieldKind;
  readonly isRequired: boolean;
  /** Undefined: none; it is then left out when empty. */
  readonly initial?: unknown;
  readonly choices?: readonly unknown[];
  /** Of a list's items. */
  readonly itemKind?: FieldKind;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** The properties of an object schema, required ones first, else in their order. */
export function fieldsOf(schema: unknown): readonly Field[] {
  const { properties, required } = record(schema);
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(record(properties)).map(([name, property]) => fieldOf(name, record(property), needed.has(name)));
  return [...fields.filter((field) => field.isRequired), ...fields.filter((field) => !field.isRequired)];
}

function fieldOf(name: string, schema: Schema, isRequired: boolean): Field {
  const choices = choicesOf(schema);
  const kind = choices === undefined ? kindOf(schema) : "choice";
  const items = record(schema["items"]);
  return {
    name,
    title: text(schema["title"]) ?? name,
    description: text(schema["description"]) ?? "",
    kind,
    isRequired,
    ...(schema["default"] !== undefined && schema["default"] !== null && { initial: schema["default"] }),
    ...(choices && { choices }),
    ...(kind === "list" && { itemKind: kindOf(items) }),
    ...numbers(schema, ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"]),
    ...(text(schema["pattern"]) !== undefined && { pattern: String(schema["pattern"]) }),
  };
}

function kindOf(schema: Schema): FieldKind {
  switch (schema["type"]) {
    case "string":
      return schema["x-kos-type"] === "fs.path" ? "path" : "text";
    case "integer":
    case "number":
    case "boolean":
      return schema["type"];
    case "array": {
      const item = kindOf(record(schema["items"]));
      return item === "list" || item === "json" ? "json" : "list";
    }
    default:
      return "json";
  }
}

/** `enum`, `const`, or alternatives that are constants each. */
function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(alternatives) || alternatives.length === 0) return undefined;
  const constants = alternatives.map(record).filter((alternative) => "const" in alternative);
  return constants.length === alternatives.length ? constants.map((alternative) => alternative["const"]) : undefined;
}

function numbers<Name extends string>(schema: Schema, names: readonly Name[]): { readonly [Key in Name]?: number } {
  return Object.fromEntries(names.filter((name) => typeof schema[name] === "number").map((name) => [name, schema[name]])) as {
    readonly [Key in Name]?: number;
  };
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
