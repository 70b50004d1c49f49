// Text of others (plans, logs, outputs, errors) as it may be written to a terminal: no character in it moves the cursor, changes a colour,
// reorders what is read or starts a new line.

/** C0 and C1 controls, DEL, line and paragraph separators, bidirectional and zero-width controls, tag characters. ZWJ stays: emoji need it. */
const UNSAFE =
  // oxlint-disable-next-line no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One line, unsafe characters written as escapes. */
export function safeLine(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (character) => SHORT[character] ?? escaped(character));
}

/** Several lines: line ends and tabs stay (tabs as two spaces), everything else as in `safeLine`. */
export function safeLines(text: string): readonly string[] {
  return text.split(/\r\n|\n/).map((line) => safeLine(line.replaceAll("\t", "  ")));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
