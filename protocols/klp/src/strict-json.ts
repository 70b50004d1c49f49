/**
 * Strict I-JSON (RFC 7493) from raw bytes. What it returns means the same to every conforming reader, so it may be verified and then used.
 * It owns no schema; the shape of a document is checked by whoever asked for it.
 */

import { canonicalJsonWithin } from "./canonical-json.ts";
import type { ErrorCode } from "./error-table.ts";
import { KosError } from "./errors.ts";
import { readStrictJson } from "./strict-json-reader.ts";

export interface StrictJsonLimits {
  /** Largest size of the text in bytes. Default: no limit here. */
  readonly maxBytes?: number;
  /** Most levels of arrays and objects. Default 64. */
  readonly maxDepth?: number;
  /** Code of the error for a text that is not strict JSON. Default BAD_ENVELOPE. */
  readonly code?: ErrorCode;
}

/** A parsed document; `canonical` is its text when the bytes already were RFC 8785 canonical JSON. */
export interface StrictDocument {
  readonly value: unknown;
  readonly canonical: string | undefined;
}

export const DEFAULT_MAX_DEPTH = 64;

/** Sixteen digits in a row may be an integer that no double holds; the reader then decides. */
const LONG_NUMBER = /(?:^|[:,[])-?[0-9]{16}/;

/** How `JSON.stringify` writes a lone surrogate. */
const SURROGATE_ESCAPE = /\\ud[89a-f]/i;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses bytes as strict I-JSON: valid UTF-8 without a byte order mark, one value, no repeated member name (however it is escaped), no lone
 * surrogate, no number that is infinite, no integer outside ±(2^53 - 1) written without an exponent, no more levels than allowed.
 * A member named `__proto__` becomes an ordinary own property; no prototype is touched.
 * @throws KosError TOO_LARGE beyond `maxBytes`; else `code` with details {line, column, path}.
 */
export function parseStrict(bytes: Uint8Array, limits: StrictJsonLimits = {}): unknown {
  const { maxDepth = DEFAULT_MAX_DEPTH, code = "BAD_ENVELOPE" } = limits;
  const text = decodeText(bytes, limits);
  return parseSerialisedText(text, maxDepth) ?? readStrictJson(text, maxDepth, code);
}

/** Writes a value as canonical JSON of at most so many levels, or throws. */
export type CanonicalWriter = (value: unknown, maxDepth: number) => string;

/**
 * `parseStrict`, and the canonical text when the bytes were just that: it need not be made again for a signature.
 * `write` stands in for `canonicalJson` where a caller wants to keep the text of parts; it must give the same result.
 */
export function parseStrictDocument(
  bytes: Uint8Array,
  limits: StrictJsonLimits = {},
  write: CanonicalWriter = canonicalJsonWithin,
): StrictDocument {
  const { maxDepth = DEFAULT_MAX_DEPTH, code = "BAD_ENVELOPE" } = limits;
  const text = decodeText(bytes, limits);
  const value = parseCanonicalText(text, maxDepth, write);
  if (value !== undefined) return { value, canonical: text };
  return { value: readStrictJson(text, maxDepth, code), canonical: undefined };
}

function decodeText(bytes: Uint8Array, { maxBytes = Number.POSITIVE_INFINITY, code = "BAD_ENVELOPE" }: StrictJsonLimits): string {
  if (bytes.length > maxBytes) throw new KosError("TOO_LARGE", `The text has ${bytes.length} bytes; at most ${maxBytes} are read here.`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new KosError(code, "The bytes are not valid UTF-8. Send JSON in UTF-8.", { cause });
  }
}

/**
 * The value of a text that is just what `JSON.stringify` makes of it, as most programs write it, else undefined. Such a text cannot hold a
 * repeated name or an infinite number, for neither is written; numbers and escapes it could hide something in are left to the reader.
 */
function parseSerialisedText(text: string, maxDepth: number): unknown {
  if (LONG_NUMBER.test(text) || SURROGATE_ESCAPE.test(text) || opensBeyond(text, maxDepth)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined; // The reader finds the place and says what is wrong.
  }
}

/** Whether a text opens more arrays and objects than it may have levels: only then can it be too deep. */
function opensBeyond(text: string, levels: number): boolean {
  let opened = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit === OPENING_BRACKET || unit === OPENING_BRACE) && ++opened > levels) return true;
  }
  return false;
}

/**
 * The value of a text that equals its own canonical form, else undefined. Such a text cannot hold a repeated name, a lone surrogate or an
 * infinite number, for its canonical form never does; this is several times faster than reading it by hand.
 */
function parseCanonicalText(text: string, maxDepth: number, write: CanonicalWriter): unknown {
  if (LONG_NUMBER.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return write(value, maxDepth) === text ? value : undefined;
  } catch {
    return undefined; // The reader finds the place and says what is wrong.
  }
}
