// Foreign text inside Markdown: whatever a file is called, it stays text [R95].

/** Characters that change how the text around them is shown, or are not shown at all. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu;

/** Makes control and direction characters visible as \u{…}. */
export function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    if (char === "\n") return "\\n";
    if (char === "\t") return "\\t";
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * Any text as Markdown that shows exactly it, in a paragraph, a list or a table cell: every character that can mean something there is escaped,
 * also what some readers turn into links by themselves.
 */
export function markdownText(text: string): string {
  return showInvisible(text)
    .replace(/[\\`*_[\]<>|~&#!@$^]|:(?=\/\/)|(?<=\bwww)\./gi, (char) => `\\${char}`)
    .replace(/^(\s*)([-+=]|\d+(?=[.)](?:\s|$)))/, (_, space: string, mark: string) =>
      /\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
    );
}

/** Any text as a code span. Spaces at its ends are kept; `|` is escaped for table cells, where alone this is to be used if the text can hold one. */
export function markdownCode(text: string): string {
  const shown = showInvisible(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const pad = shown === "" || shown.startsWith("`") || shown.endsWith("`") || /^ .* $/.test(shown) ? " " : "";
  return `${fence}${pad}${shown === "" ? " " : shown}${pad}${fence}`;
}

/** Any text as a block of code. `info` is ours and says what it is. */
export function markdownFence(text: string, info: string): string {
  const shown = text
    .split("\n")
    .map((line) => line.split("\t").map(showInvisible).join("\t"))
    .join("\n");
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${info}\n${shown}\n${fence}`;
}
