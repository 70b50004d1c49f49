// What a run's output says in short: its plain values as facts. Files are listed elsewhere; what is larger can be read as JSON.

export interface OutputFact {
  readonly name: string;
  readonly text: string;
}

const MOST_CHARACTERS = 300;

export function outputFacts(output: unknown): readonly OutputFact[] {
  if (typeof output === "string" || typeof output === "number" || typeof output === "boolean")
    return [{ name: "Result", text: shown(output) }];
  if (typeof output !== "object" || output === null || Array.isArray(output)) return [];
  return Object.entries(output).flatMap(([name, value]): readonly OutputFact[] => {
    const text = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? shown(value) : counted(value);
    return text === undefined ? [] : [{ name: spelled(name), text }];
  });
}

/** Hashes of the artifacts that a value refers to, wherever in it. */
export function hashesIn(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const { hash, media_type: type } = part as Readonly<Record<string, unknown>>;
    if (typeof hash === "string" && typeof type === "string") found.add(hash);
    for (const inner of Object.values(part)) look(inner);
  };
  look(value);
  return found;
}

/** A list of values says how many there are. */
function counted(value: unknown): string | undefined {
  return Array.isArray(value) ? value.length.toLocaleString() : undefined;
}

function shown(value: string | number | boolean): string {
  if (typeof value === "number") return value.toLocaleString();
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
}

function spelled(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
