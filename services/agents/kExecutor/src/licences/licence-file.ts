// Which files state a licence: by their name, and by the SPDX line in a source file. It opens nothing.

const LICENCE_NAME = /^(?:(?:un)?licen[cs]es?|copying|copyright|notice|legal|patents?)(?:[-_.][\w.-]*)?$/i;
const NAMED_AFTER = /^[\w.]+[-_](?:licen[cs]e|copying)(?:\.\w+)?$|\.licen[cs]e$/i;
/** What else such a name can be: a program or a picture about licences. */
const OTHER_EXTENSION =
  /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|cs|c|h|cc|cpp|hpp|php|pl|sh|lua|ex|exs|scala|json|ya?ml|toml|xml|css|scss|png|jpe?g|gif|svg|pdf|ico|vue|svelte|snap|po|mo|csv|sql|ini|cfg|lock)$/i;

/** `LICENSE`, `COPYING.LESSER`, `MIT-LICENSE.txt`, `LICENSES/MIT.txt` of the REUSE layout. `path` is separated by "/". */
export function isLicenceFile(path: string): boolean {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  if (segments.at(-2) === "LICENSES" && /\.(?:txt|md)$/i.test(name)) return true;
  return (LICENCE_NAME.test(name) || NAMED_AFTER.test(name)) && !OTHER_EXTENSION.test(name);
}

/** A line that begins as a comment may and holds the tag. The comment's end and quotes behind it are cut off. */
const SPDX_LINE = /^[ \t]*(?:[#/*;%!<>"'(.@{|\\-]|REM|dnl|--)*[ \t]*SPDX-License-Identifier:[ \t]*([A-Za-z0-9(][A-Za-z0-9.+() :-]{0,200})/m;
const EXPRESSION = /^[A-Za-z0-9.+():-]+(?: [A-Za-z0-9.+():-]+)*$/;

/** The expression of the first SPDX-License-Identifier line. */
export function spdxHeader(beginning: string): string | undefined {
  if (!beginning.includes("SPDX-License-Identifier:")) return undefined;
  const found = SPDX_LINE.exec(beginning)?.[1]
    ?.replace(/[ \t]*(?:-->|--|:\))?[ \t]*$/, "")
    .replace(/\s+/g, " ");
  return found !== undefined && EXPRESSION.test(found) ? found : undefined;
}
