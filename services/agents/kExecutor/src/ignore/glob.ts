// Glob patterns as gitignore(5) describes them, matched byte by byte in time proportional to pattern × text: no pattern can make it hang.
// Texts hold one byte a character (see byte-path.ts). It knows nothing of files.

/** `star`: any bytes but "/". `globstar`: any bytes. `folders`: nothing, or any bytes that end in "/". Numbers are single bytes. */
type Token = number | Uint8Array | "star" | "globstar" | "folders";

export interface Glob {
  matches(text: string): boolean;
}

export interface GlobOptions {
  /** Whether "/" separates segments: then only `**` crosses it. */
  readonly segments: boolean;
  /** Fold ASCII letters as git does under core.ignoreCase: neither escaped letters nor single ones in brackets, where upper case then matches nothing. */
  readonly ignoreCase: boolean;
}

const SLASH = 0x2f;
const LOWER_OFFSET = 0x20;

/** A pattern that is not well formed (an open bracket, a trailing backslash) matches nothing, as in git. */
export function compileGlob(pattern: string, options: GlobOptions): Glob {
  const tokens = tokenize(pattern, options);
  if (tokens === undefined) return { matches: () => false };
  return { matches: (text) => simulate(tokens, options.ignoreCase ? foldAscii(text) : text) };
}

export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function tokenize(pattern: string, options: GlobOptions): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at];
    if (char === "*") {
      let end = at + 1;
      while (pattern[end] === "*") end += 1;
      const wide =
        end - at > 1 && (!options.segments || ((at === 0 || pattern[at - 1] === "/") && (end === pattern.length || pattern[end] === "/")));
      if (wide && options.segments && pattern[end] === "/") {
        tokens.push("folders");
        end += 1;
      } else {
        tokens.push(wide || !options.segments ? "globstar" : "star");
      }
      at = end;
    } else if (char === "?") {
      tokens.push(anyByte(options.segments));
      at += 1;
    } else if (char === "[") {
      const bracket = readBracket(pattern, at, options);
      if (bracket === undefined) return undefined;
      tokens.push(bracket.set);
      at = bracket.end;
    } else {
      const isEscaped = char === "\\";
      if (isEscaped) at += 1;
      if (at >= pattern.length) return undefined;
      const byte = pattern.charCodeAt(at);
      tokens.push(options.ignoreCase && !isEscaped && isUpper(byte) ? byte + LOWER_OFFSET : byte);
      at += 1;
    }
  }
  return tokens;
}

function anyByte(segments: boolean): Uint8Array {
  const set = new Uint8Array(256).fill(1);
  if (segments) set[SLASH] = 0;
  return set;
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    alnum: /[A-Za-z0-9]/,
    alpha: /[A-Za-z]/,
    blank: /[ \t]/,
    cntrl: /[\x00-\x1f\x7f]/,
    digit: /[0-9]/,
    graph: /[\x21-\x7e]/,
    lower: /[a-z]/,
    print: /[\x20-\x7e]/,
    punct: /[!-/:-@[-`{-~]/,
    space: /[ \t\n\v\f\r]/,
    upper: /[A-Z]/,
    xdigit: /[A-Fa-f0-9]/,
  }),
);

/** Reads `[…]` from its bracket on. Undefined when it is not closed or names an unknown class. */
function readBracket(pattern: string, start: number, options: GlobOptions): { readonly set: Uint8Array; readonly end: number } | undefined {
  const set = new Uint8Array(256);
  let at = start + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at += 1;
  let previous: number | undefined;
  for (let first = true; first || pattern[at] !== "]"; first = false) {
    const char = pattern[at];
    if (char === undefined) return undefined;
    if (char === "[" && pattern[at + 1] === ":") {
      const close = pattern.indexOf("]", at + 2);
      if (close < 0) return undefined;
      if (close - 1 > at + 1 && pattern[close - 1] === ":") {
        const members = CLASSES.get(pattern.slice(at + 2, close - 1));
        if (members === undefined) return undefined;
        addClass(set, members, options.ignoreCase);
        previous = undefined;
        at = close + 1;
        continue;
      }
    }
    if (char === "-" && previous !== undefined && pattern[at + 1] !== undefined && pattern[at + 1] !== "]") {
      at += pattern[at + 1] === "\\" ? 2 : 1;
      if (at >= pattern.length) return undefined;
      for (let byte = previous; byte <= pattern.charCodeAt(at); byte += 1) addByte(set, byte, options.ignoreCase);
      previous = undefined;
      at += 1;
      continue;
    }
    if (char === "\\") at += 1;
    if (at >= pattern.length) return undefined;
    previous = pattern.charCodeAt(at);
    set[previous] = 1;
    at += 1;
  }
  if (negated) for (let byte = 0; byte < 256; byte += 1) set[byte] = set[byte] === 0 ? 1 : 0;
  if (options.segments) set[SLASH] = 0;
  return { set, end: at + 1 };
}

function addClass(set: Uint8Array, members: RegExp, ignoreCase: boolean): void {
  for (let byte = 0; byte < 128; byte += 1) if (members.test(String.fromCharCode(byte))) addByte(set, byte, ignoreCase);
}

function addByte(set: Uint8Array, byte: number, ignoreCase: boolean): void {
  set[byte] = 1;
  if (ignoreCase && isUpper(byte)) set[byte + LOWER_OFFSET] = 1;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** Runs the tokens as a nondeterministic automaton: every position that the text so far can have reached is kept. */
function simulate(tokens: readonly Token[], text: string): boolean {
  let current = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  enter(tokens, current, 0);
  for (let at = 0; at < text.length; at += 1) {
    const byte = text.charCodeAt(at);
    let alive = false;
    next.fill(0);
    for (let position = 0; position < tokens.length; position += 1) {
      if (current[position] === 1 && step(tokens, next, position, byte)) alive = true;
    }
    if (!alive) return false;
    [current, next] = [next, current];
  }
  return current[tokens.length] === 1;
}

/** Marks a position and all that are reached from it without reading a byte. */
function enter(tokens: readonly Token[], marks: Uint8Array, position: number): void {
  marks[position] = 1;
  const token = tokens[position];
  if (token === "star" || token === "globstar" || token === "folders") enter(tokens, marks, position + 1);
}

function step(tokens: readonly Token[], marks: Uint8Array, position: number, byte: number): boolean {
  const token = tokens[position];
  if (token === "folders") {
    marks[position] = 1;
    if (byte === SLASH) enter(tokens, marks, position + 1);
    return true;
  }
  if (token === "globstar" || (token === "star" && byte !== SLASH)) {
    enter(tokens, marks, position);
    return true;
  }
  if (token !== byte && (typeof token !== "object" || token[byte] !== 1)) return false;
  enter(tokens, marks, position + 1);
  return true;
}
