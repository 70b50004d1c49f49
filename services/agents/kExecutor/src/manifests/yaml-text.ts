// Parses YAML, and finds where a JSON text is wrong, within a bound: the parser takes long for texts made to that end.

import { parse, parseDocument } from "yaml";

const MAX_CHARS = 131_072;
/** Warnings would go to the process's standard error. */
const OPTIONS = { logLevel: "error" } as const;

export function parseYamlText(text: string): unknown {
  if (text.length > MAX_CHARS) throw new Error(`The text is longer than ${MAX_CHARS} characters.`);
  return parse(text, OPTIONS);
}

/** Errors: a message with line and column, as far as they can be told. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const place = text.length > MAX_CHARS ? undefined : parseDocument(text, OPTIONS).errors[0]?.linePos?.[0];
    const where = place === undefined ? "" : `line ${place.line}, column ${place.col}: `;
    throw new Error(`${where}${error instanceof Error ? error.message : "not JSON"}`, { cause: error });
  }
}
