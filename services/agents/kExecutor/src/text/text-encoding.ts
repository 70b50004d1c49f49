// Tells text from binary as git does, and reads the encodings that a byte order mark announces. It guesses no others.

/** `bytes`: text whose encoding nothing announces, most likely UTF-8; its bytes are taken as they are. */
export type TextEncoding = "bytes" | "utf-16le" | "utf-16be";

/** git looks for a NUL in that many bytes. */
const BINARY_CHECK_BYTES = 8000;

/** The encoding of the text that begins with these bytes; nothing for binary. UTF-16 counts as text only with its byte order mark. */
export function detectText(bytes: Buffer): TextEncoding | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe && !(third === 0 && fourth === 0)) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return bytes.subarray(0, BINARY_CHECK_BYTES).includes(0) ? undefined : "bytes";
}

/** A part of a text for people and patterns: what is no valid text in it becomes U+FFFD. A byte order mark is left out. */
export function decodeText(bytes: Buffer, encoding: TextEncoding): string {
  return new TextDecoder(encoding === "bytes" ? "utf-8" : encoding).decode(bytes);
}

/** Turns the pieces of a text into UTF-8, or passes them on as they are where nothing announced an encoding. */
export function textStream(encoding: TextEncoding): (piece: Buffer) => Buffer {
  if (encoding === "bytes") return (piece) => piece;
  const decoder = new TextDecoder(encoding);
  return (piece) => Buffer.from(decoder.decode(piece, { stream: true }), "utf8");
}
