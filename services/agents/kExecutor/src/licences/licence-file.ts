// Which files state a licence: by their name, and by the SPDX line in a source file. It opens nothing.

const LICENCE_NAME =
  /^(?:(?:un)?licen[cs]es?|copying|copyright|notice|legal|patents?)(?:[-_.](?!(?:js|ts|py|rb|go|rs|java|c|h|cc|cpp|json|ya?ml|xml|php|css|html?|png|svg|pdf)$)[\w.-]*)?$/i;
const NAMED_AFTER = /^(?:[\w.]+[-_])?(?:licen[cs]e|copying)(?:\.(?:txt|md|rst|markdown))?$|\.licen[cs]e$/i;

/** `LICENSE`, `COPYING.LESSER`, `MIT-LICENSE.txt`, `LICENSES/MIT.txt` of the REUSE layout. `path` is separated by "/". */
export function isLicenceFile(path: string): boolean {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  if (segments.at(-2) === "LICENSES" && /\.(?:txt|md)$/i.test(name)) return true;
  return LICENCE_NAME.test(name) || NAMED_AFTER.test(name);
}

/** A line that begins as a comment may and holds the tag. The comment's end and quotes behind it are cut off. */
const SPDX_LINE = /^[ \t]*(?:[#/*;%!<>"'(.@{|\\-]|REM|dnl|--)*[ \t]*SPDX-License-Identifier:[ \t]*([A-Za-z0-9(][A-Za-z0-9.+() :-]{0,200})/m;
const EXPRESSION = /^[A-Za-z0-9.+():-]+(?: [A-Za-z0-9.+():-]+)*$/;

/** The expression of the first SPDX-License-Identifier line. */
export function spdxHeader(beginning: string): string | undefined {
  if (!beginning.includes("SPDX-License-Identifier:")) return undefined;
  const found = SPDX_LINE.exec(beginning)?.[1]?.replace(/[ \t]*(?:-->|--|:\))?[ \t]*$/, "").replace(/\s+/g, " ");
  return found !== undefined && EXPRESSION.test(found) ? found : undefined;
}
