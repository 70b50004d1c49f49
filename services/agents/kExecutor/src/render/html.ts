// Text into HTML and numbers into text, for the pages and charts of this folder.

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For element content and quoted attributes. Control characters that HTML does not allow become U+FFFD. */
export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd");
}

/** Cuts by characters, not in the middle of one. */
export function shorten(text: string, maxChars: number): string {
  const chars = [...text];
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join("")}…`;
}
