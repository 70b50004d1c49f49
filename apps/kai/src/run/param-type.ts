// What a parameter may hold, read from what the node says of a playbook (its own definitions, or their JSON Schema) or of a capability.

export interface ParamSpec {
  readonly name: string;
  readonly type: "text" | "integer" | "number" | "boolean" | "path" | "list" | "json";
  /** Type of a list's entries. */
  readonly items: "text" | "integer" | "number" | "boolean" | "path" | "json";
  readonly isRequired: boolean;
  readonly about: string;
  readonly choices: readonly (string | number)[];
  readonly defaultValue?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export function paramSpecsOf(params: unknown): readonly ParamSpec[] {
  const fields = record(params);
  const isSchema = fields["type"] === "object" && typeof fields["properties"] === "object";
  const definitions = isSchema ? record(fields["properties"]) : fields;
  const required: unknown = isSchema ? fields["required"] : undefined;
  return Object.entries(definitions).map(([name, definition]) =>
    specOf(name, record(definition), Array.isArray(required) && required.includes(name)),
  );
}

function specOf(name: string, definition: Fields, isRequired: boolean): ParamSpec {
  const items = definition["items"];
  return {
    name,
    type: typeOf(definition),
    items: itemsOf(typeof items === "string" ? { type: items } : record(items)),
    isRequired: isRequired || definition["required"] === true,
    about: typeof definition["description"] === "string" ? definition["description"] : "",
    choices: Array.isArray(definition["enum"])
      ? definition["enum"].filter((each) => typeof each === "string" || typeof each === "number")
      : [],
    ...(definition["default"] !== undefined && { defaultValue: definition["default"] }),
  };
}

function typeOf(definition: Fields): ParamSpec["type"] {
  if (definition["x-kos-type"] === "fs.path") return "path";
  switch (definition["type"]) {
    case "string":
      return "text";
    case "integer":
    case "number":
    case "boolean":
    case "path":
      return definition["type"];
    case "list":
    case "array":
      return "list";
    default:
      return "json";
  }
}

function itemsOf(definition: Fields): ParamSpec["items"] {
  if (Object.keys(definition).length === 0) return "text";
  const type = typeOf(definition);
  return type === "list" ? "json" : type;
}

function record(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
