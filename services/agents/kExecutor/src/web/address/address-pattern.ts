// Patterns for addresses as robots.txt writes them: a beginning of the path, `*` for anything, `$` for the end. Matched without backtracking.

export const PATTERN_HINT =
  "A pattern is the beginning of a path: /docs/ or /*/print; $ at its end says that the path ends there: /*.pdf$.";

/** Whether the path and query of `address` begin as `pattern` says. Time is at most the product of both lengths (RFC 9309, 2.2.3). */
export function matchesPattern(address: string, pattern: string): boolean {
  const { pathname, search } = new URL(address);
  const text = pathname + search;
  const isAnchored = pattern.endsWith("$");
  const wanted = isAnchored ? pattern.slice(0, -1) : `${pattern}*`;
  return matches(text, wanted);
}

/** The classic two pointers: on a mismatch the last star takes one character more. */
function matches(text: string, pattern: string): boolean {
  let [at, place] = [0, 0];
  let star = -1;
  let mark = 0;
  while (at < text.length) {
    if (pattern[place] === "*") {
      star = place++;
      mark = at;
    } else if (place < pattern.length && pattern[place] === text[at]) {
      at++;
      place++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}
