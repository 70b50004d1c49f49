// The container of DOCX, ODT and EPUB: a zip of which only named XML parts are taken out, within bounds, and read as safe XML.

import { XmlEntityError } from "../source/safe-xml.ts";
import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { openZip, type ZipContainer, type ZipEntry } from "../source/zip-container.ts";
import { decodeXml } from "./charset.ts";

const MAX_ENTRIES = 20_000;
const MAX_PART_BYTES = 67_108_864;
const MAX_TOTAL_BYTES = 201_326_592;

export interface DocumentZip {
  readonly names: ReadonlySet<string>;
  has(name: string): boolean;
  /** Nothing where there is no such part. Errors as those of a zip entry, and `too_large` for all parts together. */
  bytes(name: string): Promise<Buffer | undefined>;
  /** A part as XML text; an empty text where there is none. */
  xml(name: string): Promise<string>;
}

export async function openDocumentZip(source: Source, what: string, signal: AbortSignal): Promise<DocumentZip> {
  const zip = await openZip(source, { what, maxEntries: MAX_ENTRIES, signal });
  return documentZip(zip, source.at, what);
}

function documentZip(zip: ZipContainer, at: string, what: string): DocumentZip {
  const byName = new Map<string, ZipEntry>();
  for (const entry of zip.entries) {
    // The second of two parts with one name is what some programs read and others do not.
    if (byName.has(entry.name))
      throw unreadable("unsafe", at, `${what} holds two parts named ${JSON.stringify(entry.name.slice(0, 200))}.`, "Do not trust it.");
    byName.set(entry.name, entry);
  }
  let left = MAX_TOTAL_BYTES;
  const bytes = async (name: string): Promise<Buffer | undefined> => {
    const entry = byName.get(name);
    if (entry === undefined) return undefined;
    const content = await zip.read(entry, Math.min(MAX_PART_BYTES, left));
    left -= content.length;
    return content;
  };
  return {
    names: new Set(byName.keys()),
    has: (name) => byName.has(name),
    bytes,
    async xml(name) {
      const content = await bytes(name);
      return content === undefined ? "" : decodeXml(content);
    },
  };
}

/** Reads XML of a part; entities of its own make it `unsafe`, anything else it stumbles over `broken`. */
export function parsingXml<Value>(what: string, at: string, read: () => Promise<Value> | Value): Promise<Value> {
  return parsing(what, at, async () => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof XmlEntityError)) throw error;
      const hint = "Do not trust it: such files attack the program that opens them.";
      throw unreadable("unsafe", at, `${what} declares XML entities of its own, which no honest document does.`, hint, { cause: error });
    }
  });
}

/** Namespaces of properties that all three formats share (Dublin Core). */
export const DUBLIN_CORE: readonly (readonly [string, string])[] = [
  ["http://purl.org/dc/elements/1.1/", "dc"],
  ["http://purl.org/dc/terms/", "dcterms"],
];

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
