// What counts as a document: the one definition that list, report and documentation share.

import { claimedFormat, type DocumentFormat } from "../documents/document-format.ts";

/**
 * A regular file whose name ends, in any case, in one of the endings that doc.extract reads: md markdown mdown, html htm xhtml, pdf, docx docm dotx,
 * odt ott, epub, txt text rst adoc. Not `.log`: doc.extract reads it, but nobody wrote it. Whether it can be read does not matter.
 */
export function documentFormatOf(path: string): DocumentFormat | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const ending = endingOf(name);
  return ending === "" || ending === "log" ? undefined : claimedFormat({ name, mediaType: undefined });
}

/** In lower case, without the dot; empty where there is none. */
export function endingOf(path: string): string {
  return /[^/]\.([^./]{1,20})$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
