// Which texts mean that there is no value.

/**
 * What counts as missing in delimited text unless the caller says otherwise: what pandas.read_csv takes for missing (its documentation, `na_values`).
 * An empty field is always missing.
 */
export const MISSING_TOKENS: readonly string[] = [
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
];

export interface MissingTokens {
  readonly any: boolean;
  has(text: string): boolean;
}

const MOST_LENGTH = 32;
const CODES = 128;

/** Nearly all fields are told from the tokens by their length and first character, without a look-up. */
export function missingTokens(tokens: readonly string[]): MissingTokens {
  const exact = new Set(tokens);
  const begins = new Uint8Array(MOST_LENGTH * CODES);
  const place = (text: string) => Math.min(text.length, MOST_LENGTH - 1) * CODES + (text.charCodeAt(0) & (CODES - 1));
  for (const token of exact) begins[place(token)] = 1;
  return { any: exact.size > 0, has: (text) => begins[place(text)] === 1 && exact.has(text) };
}
