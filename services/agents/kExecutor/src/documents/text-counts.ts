// Words and characters of a text, whatever its script.

/** Scripts written without spaces: each character counts as a word, as word processors do. */
const ALONE = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"].map((script) => `\\p{Script=${script}}`).join("");
const LETTER = `[[\\p{L}\\p{N}\\p{M}]--[${ALONE}]]`;
/** Elsewhere a word is a run of letters and digits, also across an apostrophe, a hyphen, or a mark within a number. */
const WORD = new RegExp(`[${ALONE}]|${LETTER}+(?:(?:['’\\-]|(?<=\\p{N})[.,:](?=\\p{N}))${LETTER}+)*`, "gv");

export function countWords(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(WORD)) count += 1;
  return count;
}

/** Code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The beginning of a text, at most `maxChars` UTF-16 units, not cut within a character. */
export function beginningOf(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const cut = text.slice(0, maxChars);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
