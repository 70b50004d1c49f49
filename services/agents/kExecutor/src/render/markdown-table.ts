// A table in Markdown. Its cells are Markdown already; whoever puts foreign text into one makes it safe first.

/** A column whose title ends in " >" is aligned to the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const marks = head.map((title) => (title.endsWith(" >") ? "--:" : ":--"));
  return [line(head.map((title) => title.replace(/ >$/, ""))), line(marks), ...rows.map(line)].join("\n");
}
