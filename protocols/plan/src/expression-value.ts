// How JSON values compare and are named inside expressions: one number type, deep equality, no prototype ever reached.

/** Comparing and copying text is cheap, but not free. */
export const CHARS_PER_STEP = 64;

export type JsonMap = Readonly<Record<string, unknown>>;

/** The word used in messages. */
export function kindOf(value: unknown): "null" | "bool" | "number" | "string" | "list" | "map" | "unknown" {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
      return "number";
    case "string":
      return "string";
    case "object":
      return "map";
    default:
      return "unknown";
  }
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Deep JSON equality; values of different kinds are unequal. `charge` is told of the work before it is done, so that
 * the caller can bound it.
 */
export function equalJson(left: unknown, right: unknown, charge: (amount: number) => void): boolean {
  if (typeof left === "string" && typeof right === "string") {
    charge(Math.min(left.length, right.length) / CHARS_PER_STEP);
    return left === right;
  }
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    charge(left.length);
    return left.every((element, index) => equalJson(element, right[index], charge));
  }
  if (!isJsonMap(left) || !isJsonMap(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  charge(keys.length);
  return keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key], charge));
}

/** Negative, zero or positive; undefined when the two have no order (different kinds, lists, maps, null). */
export function compareJson(left: unknown, right: unknown): number | undefined {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : Number(left > right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  return undefined;
}
