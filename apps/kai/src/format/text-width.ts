// Columns that text takes on a terminal, wide characters and colours considered. All padding and cutting goes through here.

import stringWidth from "string-width";

const ESCAPE = "\u001b";
/** The colour sequences that our own styles write; foreign ones never get this far (see safe-text.ts). */
const COLOUR = /\u001b\[[0-9;]*m/y;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function textWidth(text: string): number {
  return stringWidth(text);
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - textWidth(text))) + text;
}

/** At most `columns` wide; what was cut ends in an ellipsis. Colours are kept and closed. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (textWidth(text) <= columns) return text;
  let result = "";
  let width = 0;
  let coloured = false;
  for (let place = 0; place < text.length; ) {
    const colour = colourAt(text, place);
    if (colour !== undefined) {
      result += colour;
      coloured = true;
      place += colour.length;
      continue;
    }
    const plainEnd = text.indexOf(ESCAPE, place);
    const plain = text.slice(place, plainEnd < 0 ? text.length : Math.max(plainEnd, place + 1));
    for (const { segment } of segmenter.segment(plain)) {
      const next = textWidth(segment);
      if (width + next > columns - 1) return `${result}…${coloured ? `${ESCAPE}[0m` : ""}`;
      result += segment;
      width += next;
    }
    place += plain.length;
  }
  return result;
}

/** Words wrapped to lines of at most `columns`; a longer word is cut into pieces. Takes plain text. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (textWidth(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = split(word, columns);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
  }
  return [...lines, line];
}

function split(word: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const { segment } of segmenter.segment(word)) {
    if (piece !== "" && textWidth(piece + segment) > columns) {
      pieces.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...pieces, piece];
}

function colourAt(text: string, place: number): string | undefined {
  COLOUR.lastIndex = place;
  return COLOUR.exec(text)?.[0];
}
