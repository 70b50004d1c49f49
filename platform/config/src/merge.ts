// Deep merge of configuration documents: JSON Merge Patch (RFC 7396). It must never touch a prototype, whatever a key is called.

/** A JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Lays `over` on `under`: objects merge key by key, arrays and scalars replace, `null` deletes. Neither argument is changed.
 * Associative where no document deletes and no two disagree on what is an object; with either it is not, so layers are laid on in order.
 */
export function mergeConfig(under: unknown, over: unknown): unknown {
  if (!isJsonObject(over)) return over;
  const merged = new Map<string, unknown>(isJsonObject(under) ? Object.entries(under) : []);
  for (const [key, value] of Object.entries(over)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergeConfig(merged.get(key), value));
  }
  // fromEntries makes own data properties, also of `__proto__`.
  return Object.fromEntries(merged);
}
