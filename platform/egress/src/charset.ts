// Turns the bytes of a text body into text: by byte order mark, declaration or fallback, and says where the declaration was wrong.

import type { MediaType } from "./media-type.ts";

export interface DecodedText {
  readonly text: string;
  /** The encoding that was used, by its WHATWG name. */
  readonly charset: string;
  /** What was declared, where that is not an encoding or not the one the bytes are in. */
  readonly refuted?: string;
}

const PRESCAN_BYTES = 1024;
/** Every byte is a character in it, so decoding cannot fail. What the web means when it says Latin-1. */
const SINGLE_BYTE_FALLBACK = "windows-1252";
const NON_ASCII = /[\u0080-\uffff]/;

/**
 * Order: byte order mark; charset parameter; `<meta>` or XML declaration within the first 1024 bytes; UTF-8 where it fits, else
 * windows-1252. A declaration that the bytes contradict is not followed. Source: WHATWG Encoding and HTML standards, but for the last rule.
 */
export function decodeText(bytes: Uint8Array, mediaType: MediaType): DecodedText {
  const declared = mediaType.charset ?? declaredInside(bytes, mediaType);
  const marked = byteOrderMark(bytes);
  if (marked !== undefined) return { text: new TextDecoder(marked).decode(bytes), charset: marked, ...refutedBy(declared, marked) };
  if (declared === undefined) return decodeUndeclared(bytes);
  const decoder = createDecoder(declared);
  if (decoder === undefined) return { ...decodeUndeclared(bytes), refuted: declared };
  const text = decodeStrictly(bytes, decoder);
  if (text === undefined) return { ...decodeUndeclared(bytes), refuted: declared };
  if (decoder.encoding === SINGLE_BYTE_FALLBACK && NON_ASCII.test(text)) {
    // Text in a single-byte encoding that happens to be well-formed UTF-8 hardly exists; a UTF-8 page under a stale declaration does.
    const asUtf8 = decodeStrictly(bytes, new TextDecoder("utf-8", { fatal: true }));
    if (asUtf8 !== undefined) return { text: asUtf8, charset: "utf-8", refuted: declared };
  }
  return { text, charset: decoder.encoding };
}

/** Whether bytes of undeclared type read as text: well-formed UTF-8 without the control characters that text has no use for. */
export function looksLikeText(bytes: Uint8Array): boolean {
  if (byteOrderMark(bytes) !== undefined) return true;
  const text = decodeStrictly(bytes, new TextDecoder("utf-8", { fatal: true }));
  // biome-ignore lint: control characters are what is looked for.
  return text !== undefined && !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text);
}

function decodeUndeclared(bytes: Uint8Array): DecodedText {
  const text = decodeStrictly(bytes, new TextDecoder("utf-8", { fatal: true }));
  if (text !== undefined) return { text, charset: "utf-8" };
  return { text: new TextDecoder(SINGLE_BYTE_FALLBACK).decode(bytes), charset: SINGLE_BYTE_FALLBACK };
}

function refutedBy(declared: string | undefined, used: string): { readonly refuted?: string } {
  if (declared === undefined) return {};
  const meant = createDecoder(declared)?.encoding;
  // `utf-16` is little endian by its name, but a mark may say otherwise without making a liar of it.
  const agrees = meant === used || (declared.toLowerCase() === "utf-16" && used.startsWith("utf-16"));
  return agrees ? {} : { refuted: declared };
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return undefined;
}

function declaredInside(bytes: Uint8Array, { essence }: MediaType): string | undefined {
  if (essence !== "" && !/html|xml/.test(essence)) return undefined;
  const head = new TextDecoder(SINGLE_BYTE_FALLBACK).decode(bytes.subarray(0, PRESCAN_BYTES));
  const xml = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head);
  const meta = /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(head);
  const name = xml?.[1] ?? meta?.[1];
  // The declaration was just read as ASCII, so the text cannot be UTF-16; the standard takes UTF-8 for it.
  return name !== undefined && /^utf-16/i.test(name) ? "utf-8" : name;
}

function createDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return undefined; // no encoding of that name
  }
}

function decodeStrictly(bytes: Uint8Array, decoder: TextDecoder): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // not in this encoding
  }
}
