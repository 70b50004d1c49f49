// JSON text read together with the line of every key, for messages that point at a place. Strict RFC 8259: no comments, no repeated keys.

/** Where and why a text is not JSON. `line` and `column` count from 1. */
interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type JsonSource =
  | { readonly ok: true; readonly value: unknown; lineOf(path: readonly (string | number)[]): number | undefined }
  | { readonly ok: false; readonly problem: JsonProblem };

const MAX_DEPTH = 64;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** Reads a text. Objects get own data properties only, whatever a key is called. */
export function readJsonSource(text: string): JsonSource {
  const reader = new Reader(text.startsWith("\uFEFF") ? text.slice(1) : text);
  try {
    const value = reader.document();
    return { ok: true, value, lineOf: (path) => reader.lines.get(JSON.stringify(path)) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, problem: { ...reader.place(error.offset), message: error.message } };
  }
}

class Malformed extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

class Reader {
  readonly lines = new Map<string, number>();
  readonly #text: string;
  readonly #ends: number[] = [];
  #line = 0;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value([]);
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw new Malformed(this.#at, "text after the end of the document");
    return value;
  }

  place(offset: number): { line: number; column: number } {
    while (this.#lineEnd(this.#line) < offset) this.#line++;
    const start = this.#line === 0 ? 0 : this.#lineEnd(this.#line - 1) + 1;
    return { line: this.#line + 1, column: offset - start + 1 };
  }

  /** Offset of the newline that ends a line, counted from 0. Offsets are asked for in rising order. */
  #lineEnd(line: number): number {
    while (this.#ends.length <= line) {
      const found = this.#text.indexOf("\n", (this.#ends.at(-1) ?? -1) + 1);
      this.#ends.push(found < 0 ? Number.POSITIVE_INFINITY : found);
    }
    return this.#ends[line] ?? Number.POSITIVE_INFINITY;
  }

  #value(path: readonly (string | number)[]): unknown {
    if (path.length > MAX_DEPTH) throw new Malformed(this.#at, `more than ${MAX_DEPTH} levels`);
    this.#take(SPACE);
    if (path.length === 0 || typeof path.at(-1) === "number") this.#mark(path, this.#at);
    if (this.#skip("{")) return this.#object(path);
    if (this.#skip("[")) return this.#array(path);
    const scalar = this.#take(STRING) ?? this.#take(NUMBER) ?? this.#take(WORD);
    if (scalar === undefined) throw new Malformed(this.#at, "a value was expected here");
    return JSON.parse(scalar);
  }

  #object(path: readonly (string | number)[]): unknown {
    const entries = new Map<string, unknown>();
    this.#take(SPACE);
    if (this.#skip("}")) return {};
    do {
      this.#take(SPACE);
      const start = this.#at;
      const quoted = this.#take(STRING);
      if (quoted === undefined) throw new Malformed(start, "a key in double quotes was expected here");
      const key = JSON.parse(quoted) as string;
      if (entries.has(key)) throw new Malformed(start, `the key ${quoted} stands here a second time`);
      const inside = [...path, key];
      this.#mark(inside, start);
      this.#take(SPACE);
      if (!this.#skip(":")) throw new Malformed(this.#at, "a colon was expected here");
      entries.set(key, this.#value(inside));
      this.#take(SPACE);
    } while (this.#skip(","));
    if (!this.#skip("}")) throw new Malformed(this.#at, "a comma or } was expected here");
    return Object.fromEntries(entries);
  }

  #array(path: readonly (string | number)[]): unknown {
    const items: unknown[] = [];
    this.#take(SPACE);
    if (this.#skip("]")) return items;
    do {
      items.push(this.#value([...path, items.length]));
      this.#take(SPACE);
    } while (this.#skip(","));
    if (!this.#skip("]")) throw new Malformed(this.#at, "a comma or ] was expected here");
    return items;
  }

  #mark(path: readonly (string | number)[], offset: number): void {
    this.lines.set(JSON.stringify(path), this.place(offset).line);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
