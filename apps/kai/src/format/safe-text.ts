// Text of others in several lines (plans, outputs, errors) as it may be written to a terminal; for one line, `safeText` of the wire.

import { safeText } from "@kos/klp";

/** Line ends and tabs stay (tabs as two spaces), everything else as in `safeText`. */
export function safeLines(text: string): readonly string[] {
  return text.split(/\r\n|\n/).map((line) => safeText(line.replaceAll("\t", "  ")));
}
