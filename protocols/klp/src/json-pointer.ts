/** JSON pointers (RFC 6901), the way places in a document are named in messages. */

/** The pointer of a path; the whole document is written `/` for people, not as an empty text. */
export function jsonPointer(path: readonly (string | number)[]): string {
  if (path.length === 0) return "/";
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
