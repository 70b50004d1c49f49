// Foreign text on its way into an output: one line, bounded, without what is not seen. It escapes nothing: who shows it does, for where it stands.

/** Control characters, direction overrides, tag characters and the like; not joiners, which scripts need [R107]. */
const HIDDEN =
  /[\p{Cc}\u{ad}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}\p{Co}]/gu;
const TRICKS = /[\u{202a}-\u{202e}\u{2066}-\u{2069}\u{e0000}-\u{e007f}]/u;

/** Whether a text holds characters that make it read otherwise than it is. */
export function hidesText(text: string): boolean {
  return TRICKS.test(text);
}

/** As one line of at most `maxLength` UTF-16 units; nothing where nothing is left. */
export function oneLine(text: string | undefined | null, maxLength: number): string | undefined {
  const line = (text ?? "")
    .slice(0, maxLength * 8)
    .toWellFormed()
    .replace(/\s/gu, " ")
    .replace(HIDDEN, "")
    .replace(/ {2,}/g, " ")
    .trim();
  if (line === "") return undefined;
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}
