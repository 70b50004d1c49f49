// Walks the tags and texts of an HTML text as they come, within bounds that no page a person wrote reaches. It builds no tree and runs nothing.

/** What a walk sees. Names are in lower case, entities decoded. */
export interface HtmlVisitor {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Why the rest of a text was not looked at; a closed set, because it is shown. */
export type HtmlExcess = "too_deep" | "too_many_tags";

/** The parser looks for a closing tag among all open ones, so the product of both bounds what a hostile text can cost. */
const MAX_DEPTH = 1000;
const MAX_TAGS = 500_000;
/** So that a walk ends soon after a bound is reached. */
const CHUNK_CHARS = 65_536;

/** Why it ended early, if it did. The package is loaded on first use. */
export async function walkHtml(html: string, visitor: HtmlVisitor): Promise<HtmlExcess | undefined> {
  const { Parser } = await import("htmlparser2");
  let depth = 0;
  let tags = 0;
  let excess: HtmlExcess | undefined;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1;
        tags += 1;
        if (excess === undefined) visitor.open(name, attributes);
        if (depth > MAX_DEPTH) excess ??= "too_deep";
        if (tags > MAX_TAGS) excess ??= "too_many_tags";
      },
      ontext(text) {
        if (excess === undefined) visitor.text(text);
      },
      onclosetag(name) {
        depth -= 1;
        if (excess === undefined) visitor.close(name);
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  for (let at = 0; at < html.length && excess === undefined; at += CHUNK_CHARS) parser.write(html.slice(at, at + CHUNK_CHARS));
  if (excess === undefined) parser.end();
  return excess;
}
