// Cuts documentation into its paragraphs and lists. Lines of one block belong together, however they are broken.

export type ProseBlock =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] };

export function blocksOf(text: string): readonly ProseBlock[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== "")
    .map((block) =>
      block.startsWith("- ")
        ? {
            kind: "list",
            items: block
              .slice(2)
              .split(/\n\s*- /)
              .map(joined),
          }
        : { kind: "paragraph", text: joined(block) },
    );
}

function joined(lines: string): string {
  return lines.replaceAll(/\s*\n\s*/g, " ");
}
