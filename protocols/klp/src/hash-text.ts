/** Hashes as text: `sha256:` and 64 lower-case hex digits. No other form is read or written. */

import { sha256Hex } from "#crypto";
import { KosError } from "./errors.ts";

declare const hashBrand: unique symbol;
/** `sha256:<hex>` */
export type HashText = string & { readonly [hashBrand]: true };

const PATTERN = /^sha256:[0-9a-f]{64}$/;

/** SHA-256 of bytes, or of a text as UTF-8, as `sha256:<hex>`. */
export function hashText(data: Uint8Array | string): HashText {
  return `sha256:${sha256Hex(data)}` as HashText;
}

/** Writes 32 bytes of SHA-256. @throws RangeError for another length. */
export function formatHash(digest: Uint8Array): HashText {
  if (digest.length !== 32) throw new RangeError(`A SHA-256 digest has 32 bytes, not ${digest.length}.`);
  let hex = "";
  for (let index = 0; index < 32; index++) hex += HEX[digest[index] as number] as string;
  return `sha256:${hex}` as HashText;
}

/** The 32 bytes. @throws KosError BAD_REQUEST when it is not exactly `sha256:` and 64 lower-case hex digits. */
export function parseHash(text: string): Uint8Array {
  if (!isHashText(text)) throw new KosError("BAD_REQUEST", "A hash is written sha256: and 64 lower-case hex digits.");
  const digest = new Uint8Array(32);
  for (let index = 0; index < 32; index++) digest[index] = Number.parseInt(text.slice(7 + index * 2, 9 + index * 2), 16);
  return digest;
}

export function isHashText(value: unknown): value is HashText {
  return typeof value === "string" && PATTERN.test(value);
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
