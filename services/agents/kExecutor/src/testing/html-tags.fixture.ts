// The tags of an HTML text as a browser would see them. For tests only.

export interface HtmlTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads by the tokenizer rules of HTML that matter here: a "<" followed by a letter opens a tag, quotes hide ">", style content is raw text. */
export function htmlTags(html: string): readonly HtmlTag[] {
  const tags: HtmlTag[] = [];
  const withoutStyle = html.replace(/<style>[\s\S]*?<\/style>/g, "<style></style>");
  for (const [, name = "", rest = ""] of withoutStyle.matchAll(/<([A-Za-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/g)) {
    const attributes = [...rest.matchAll(/([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)];
    tags.push({
      name: name.toLowerCase(),
      attributes: new Map(attributes.map((match) => [(match[1] ?? "").toLowerCase(), match[2] ?? match[3] ?? match[4] ?? ""])),
    });
  }
  return tags;
}

/** What in an HTML text could run, load or send something; empty for a text that can do nothing. */
export function activeParts(html: string): readonly string[] {
  const allowed = new Set([
    "class",
    "id",
    "href",
    "rel",
    "src",
    "alt",
    "charset",
    "http-equiv",
    "content",
    "name",
    "lang",
    "scope",
    "start",
    "role",
    "viewbox",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
  ]);
  for (const attribute of ["width", "height", "rx", "d", "text-anchor", "aria-labelledby", "title"]) allowed.add(attribute);
  const forbidden = new Set([
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "base",
    "link",
    "audio",
    "video",
    "source",
    "use",
    "foreignobject",
    "animate",
    "set",
    "image",
    "template",
    "math",
  ]);
  return htmlTags(html).flatMap(({ name, attributes }) => {
    const found = forbidden.has(name) ? [`<${name}>`] : [];
    for (const [attribute, value] of attributes) {
      if (!allowed.has(attribute)) found.push(`<${name} ${attribute}>`);
      if (attribute === "src" && !value.startsWith("data:image/")) found.push(`src=${value}`);
      if (attribute === "href" && !/^(?:https?:\/\/|mailto:|#)/i.test(value)) found.push(`href=${value}`);
      if (attribute === "http-equiv" && value !== "Content-Security-Policy") found.push(`http-equiv=${value}`);
    }
    return found;
  });
}
