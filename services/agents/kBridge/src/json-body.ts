// Reads a JSON body into a value that can be sealed, hashed and stored: I-JSON, bounded in depth. Changes nothing silently.

export interface ReadJson {
  readonly value: unknown;
  /** Integers beyond 2^53 and numbers beyond a double are kept digit for digit as text; lone surrogates become U+FFFD; `__proto__` is left out. */
  readonly adjusted: boolean;
}

/** An envelope holds at most 64 levels, of which the place of the body within it takes a few; and deeper values exhaust stacks. */
const MAX_DEPTH = 48;

/** Undefined where the text is no JSON or nested deeper than 48. Of a repeated key the last counts, as everywhere in JavaScript. */
export function readJson(text: string): ReadJson | undefined {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  let adjusted = false;
  const adjust = <Original, Adjusted>(_original: Original, replacement: Adjusted): Adjusted => {
    adjusted = true;
    return replacement;
  };
  try {
    const value: unknown = JSON.parse(text, (_key: string, item: unknown, context?: { readonly source?: string }) => {
      if (typeof item === "number" && !isExact(item)) return adjust(item, context?.source ?? String(item));
      if (typeof item === "string" && !item.isWellFormed()) return adjust(item, item.toWellFormed());
      if (isRecord(item) && Object.keys(item).some(isAwkwardKey)) return adjust(item, withPlainKeys(item));
      return item;
    });
    return { value, adjusted };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** `__proto__` is data here, but would be a prototype wherever this value is copied carelessly. */
function isAwkwardKey(key: string): boolean {
  return key === "__proto__" || !key.isWellFormed();
}

function withPlainKeys(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(item).filter(([key]) => key !== "__proto__");
  return Object.fromEntries(entries.map(([key, value]) => [key.toWellFormed(), value]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Counts brackets outside strings, without building anything. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
