/**
 * A strict JSON reader that knows where it is. It defines what strict parsing means; the faster way in strict-json.ts must agree with it.
 * It reads text only: the bytes were decoded before.
 */

import type { ErrorCode } from "./error-table.ts";
import { KosError } from "./errors.ts";
import { jsonPointer } from "./json-pointer.ts";

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const FOUR_HEX = /^[0-9a-fA-F]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Reads one JSON text. @throws KosError with the given code and details {line, column, path}; what is refused: see `parseStrict`. */
export function readStrictJson(text: string, maxDepth: number, code: ErrorCode): unknown {
  const path: (string | number)[] = [];
  let position = 0;

  if (text.startsWith("\ufeff")) fail("a byte order mark");
  const value = readValue();
  skipSpace();
  if (position < text.length) fail("more after the end of the value");
  return value;

  function readValue(): unknown {
    skipSpace();
    switch (text[position]) {
      case "{":
        return readObject();
      case "[":
        return readArray();
      case '"':
        return readString();
      case "t":
        return readWord("true", true);
      case "f":
        return readWord("false", false);
      case "n":
        return readWord("null", null);
      default:
        return readNumber();
    }
  }

  function readObject(): Record<string, unknown> {
    enter();
    const object: Record<string, unknown> = {};
    skipSpace();
    if (take("}")) return object;
    do {
      skipSpace();
      const start = position;
      if (text[position] !== '"') fail("no member name in double quotes");
      const name = readString();
      if (Object.hasOwn(object, name)) fail(`the member name ${JSON.stringify(name)} a second time`, start);
      skipSpace();
      if (!take(":")) fail("no colon after a member name");
      path.push(name);
      // Assigning to `__proto__` would set the prototype; a defined property is only data.
      Object.defineProperty(object, name, { value: readValue(), writable: true, enumerable: true, configurable: true });
      path.pop();
      skipSpace();
    } while (take(","));
    if (!take("}")) fail("no comma or closing brace");
    return object;
  }

  function readArray(): unknown[] {
    enter();
    const array: unknown[] = [];
    skipSpace();
    if (take("]")) return array;
    do {
      path.push(array.length);
      array.push(readValue());
      path.pop();
      skipSpace();
    } while (take(","));
    if (!take("]")) fail("no comma or closing bracket");
    return array;
  }

  function readString(): string {
    const start = position++;
    let result = "";
    for (;;) {
      PLAIN_CHARACTERS.lastIndex = position;
      PLAIN_CHARACTERS.test(text);
      result += text.slice(position, PLAIN_CHARACTERS.lastIndex);
      position = PLAIN_CHARACTERS.lastIndex;
      if (position >= text.length) fail("a string without its end", start);
      if (take('"')) break;
      if (text[position] !== "\\") fail("a control character in a string");
      result += readEscape();
    }
    if (!result.isWellFormed()) fail("a lone surrogate", start);
    return result;
  }

  function readEscape(): string {
    const letter = text[position + 1] ?? "";
    if (letter === "u") {
      const hex = text.slice(position + 2, position + 6);
      if (!FOUR_HEX.test(hex)) fail("an escape that is not \\u and four hex digits");
      position += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (character === undefined) fail("an unknown escape");
    position += 2;
    return character;
  }

  function readNumber(): number {
    NUMBER.lastIndex = position;
    const token = NUMBER.exec(text)?.[0];
    if (token === undefined)
      fail(position >= text.length ? "the end of the text where a value belongs" : "something that is not a JSON value");
    const number = Number(token);
    if (!Number.isFinite(number)) fail("a number beyond what a double can hold");
    if (Math.abs(number) > Number.MAX_SAFE_INTEGER && !/[eE]/.test(token)) fail("an integer beyond 2^53 - 1; send it as a string");
    position += token.length;
    return number;
  }

  function readWord<T>(word: string, value: T): T {
    if (!text.startsWith(word, position)) fail("something that is not a JSON value");
    position += word.length;
    return value;
  }

  function enter(): void {
    if (path.length >= maxDepth) fail(`more than ${maxDepth} levels`);
    position++;
  }

  function take(character: string): boolean {
    if (text[position] !== character) return false;
    position++;
    return true;
  }

  function skipSpace(): void {
    for (;;) {
      const unit = text.charCodeAt(position);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      position++;
    }
  }

  function fail(finding: string, at = position): never {
    const before = text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    const place = jsonPointer(path);
    throw new KosError(code, `Not strict JSON: ${finding}, line ${line}, column ${column}, at ${place}.`, {
      details: { line, column, path: place },
    });
  }
}
