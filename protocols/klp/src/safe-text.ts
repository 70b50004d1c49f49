/** Text of others as it may be shown: it stays one line and moves no terminal, whatever was in it [R67] [R107]. */

/** C0, DEL, C1, line and paragraph separators, bidirectional controls, zero-width and tag characters. The joiner U+200D stays: emoji need it. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b\u200c\u200e\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Writes unsafe characters as escapes. What is safe already is left as it is. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escape(character));
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
