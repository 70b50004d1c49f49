// Text into HTML and numbers into text, for the pages and charts of this folder.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For element content and quoted attributes. Control characters that HTML does not allow become U+FFFD. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd");
}

let characters: Intl.Segmenter | undefined;

/** What a reader sees as characters: an accent or an emoji of several code points is one. */
export function charactersOf(text: string): readonly string[] {
  characters ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(characters.segment(text), ({ segment }) => segment);
}

export function shorten(text: string, maxChars: number): string {
  const chars = charactersOf(text);
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join("")}…`;
}
