// How large and how deep a JSON value is, without serialising it.

/** Deeper values are refused everywhere in this package: recursion must not meet the end of the stack. */
export const MAX_JSON_DEPTH = 200;

/**
 * About the number of characters of the value's JSON (scalars count 8). Stops once past `limit`, so it is cheap on huge values.
 * A value nested deeper than MAX_JSON_DEPTH, or a cycle, counts as infinite.
 */
export function jsonChars(value: unknown, limit: number, depth = 0): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  if (depth >= MAX_JSON_DEPTH) return Number.POSITIVE_INFINITY;
  let sum = 2;
  if (Array.isArray(value)) {
    for (const element of value) {
      sum += jsonChars(element, limit - sum, depth + 1) + 1;
      if (sum > limit) break;
    }
    return sum;
  }
  for (const key of Object.keys(value)) {
    sum += key.length + 4 + jsonChars((value as Record<string, unknown>)[key], limit - sum, depth + 1);
    if (sum > limit) break;
  }
  return sum;
}
