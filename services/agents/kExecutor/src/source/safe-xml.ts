// XML of containers, read event by event: no entity but the five of XML, no external part, bounded depth, names by namespace.

import { SaxesParser } from "saxes";

export interface XmlHandler {
  /** `name` is `prefix:local` with the prefix of the `names` table; the bare local name for a namespace that is not in it. Attributes likewise. */
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  text(text: string): void;
  close(name: string): void;
}

const MAX_DEPTH = 1000;

/** Raised for a document that declares entities of its own: nothing honest in a container does. */
export class XmlEntityError extends Error {}

/** Throws what is wrong: XmlEntityError, RangeError for depth, or the parser's error. `names` maps namespace URIs to prefixes. */
export function readXml(text: string, names: ReadonlyMap<string, string>, handler: XmlHandler): void {
  const parser = new SaxesParser({ xmlns: true });
  const open: string[] = [];
  const nameOf = (uri: string, local: string): string => {
    const prefix = names.get(uri);
    return prefix === undefined ? local : `${prefix}:${local}`;
  };
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", (doctype) => {
    if (/<!ENTITY/i.test(doctype)) throw new XmlEntityError("the XML declares entities of its own");
  });
  parser.on("opentag", (tag) => {
    if (open.length >= MAX_DEPTH) throw new RangeError(`elements are nested deeper than ${MAX_DEPTH}`);
    const name = nameOf(tag.uri, tag.local);
    open.push(name);
    const attributes = Object.values(tag.attributes).map(({ uri, local, value }) => [nameOf(uri, local), value] as const);
    handler.open(name, new Map(attributes));
  });
  const onText = (piece: string): void => handler.text(piece);
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", () => handler.close(open.pop() ?? ""));
  parser.write(text).close();
}

/** The text of the first element of each name, trimmed: enough for lists of properties. */
export function xmlProperties(text: string, names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const contents: string[] = [];
  readXml(text, names, {
    open: () => void contents.push(""),
    text(piece) {
      if (contents.length > 0) contents.push(`${contents.pop() ?? ""}${piece}`);
    },
    close(name) {
      const content = (contents.pop() ?? "").trim();
      if (content !== "" && !found.has(name)) found.set(name, content);
    },
  });
  return found;
}
