// What every manifest format is reduced to.

export interface DependencyGroup {
  /** As the format calls it: `dependencies`, `dev-dependencies`. */
  readonly group: string;
  readonly names: readonly string[];
}

export interface ManifestFacts {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly licence?: unknown;
  readonly groups: readonly DependencyGroup[];
}

/** A table of a parsed document; anything else counts as an empty one. */
export function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

/** The strings of a parsed list; anything else counts as an empty one. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export function keysGroup(group: string, value: unknown): DependencyGroup {
  return { group, names: Object.keys(tableOf(value)) };
}
