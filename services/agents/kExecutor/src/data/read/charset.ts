// Which character encoding a text is in, and the text itself. Byte order mark first, then UTF-8 if it is valid, then a statistical guess.

import { detect } from "chardet";
import { badParam } from "../../task-error.ts";

export interface Charset {
  /** Name in the WHATWG Encoding Standard. */
  readonly name: string;
  /** False where nothing announces it and it is not UTF-8. */
  readonly certain: boolean;
}

/** Bytes of the beginning that a guess is made from. */
const GUESS_BYTES = 65_536;

/** Errors: BAD_REQUEST at `/encoding` for a label that is none. */
export function charsetOf(head: Buffer, headIsAll: boolean, asked: string | undefined): Charset {
  if (asked !== undefined) return { name: known(asked), certain: true };
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { name: "utf-8", certain: true };
  if (head[0] === 0xff && head[1] === 0xfe) return { name: "utf-16le", certain: true };
  if (head[0] === 0xfe && head[1] === 0xff) return { name: "utf-16be", certain: true };
  const wide = withoutMark(head);
  if (wide !== undefined) return { name: wide, certain: false };
  if (isUtf8(head, headIsAll)) return { name: "utf-8", certain: true };
  const guess = detect(head.subarray(0, GUESS_BYTES)) ?? "windows-1252";
  return { name: labelled(guess) ?? "windows-1252", certain: false };
}

/** UTF-16 without its mark: mostly Latin text has a zero in every second byte. */
function withoutMark(head: Buffer): "utf-16le" | "utf-16be" | undefined {
  const looked = Math.min(head.length, 4096) & ~1;
  if (looked < 8) return undefined;
  let [even, odd] = [0, 0];
  for (let at = 0; at < looked; at += 2) {
    if (head[at] === 0) even += 1;
    if (head[at + 1] === 0) odd += 1;
  }
  const most = (looked / 2) * 0.7;
  if (odd > most && even === 0) return "utf-16le";
  return even > most && odd === 0 ? "utf-16be" : undefined;
}

function isUtf8(head: Buffer, headIsAll: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !headIsAll });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function known(label: string): string {
  const name = labelled(label);
  if (name !== undefined) return name;
  throw badParam(
    "/encoding",
    `${JSON.stringify(label.slice(0, 40))} is no known encoding.`,
    "Give a label such as utf-8, windows-1252 or shift_jis.",
  );
}

function labelled(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The pieces as text, without byte order mark. What is not valid becomes U+FFFD; `onInvalid` is called once, where that is first seen. */
export async function* decoded(
  pieces: AsyncIterable<Buffer>,
  charset: string,
  onInvalid: () => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(charset);
  let valid = true;
  const checked = (text: string) => {
    if (valid && text.includes("\ufffd")) {
      valid = false;
      onInvalid();
    }
    return text;
  };
  for await (const piece of pieces) yield checked(decoder.decode(piece, { stream: true }));
  const last = checked(decoder.decode());
  if (last !== "") yield last;
}
