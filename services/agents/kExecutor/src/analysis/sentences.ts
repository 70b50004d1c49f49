// The sentences of a text with their places. ICU finds the boundaries; what it cannot know (abbreviations, ordinals, wrapped lines) is mended here.

import { localeOf } from "./words.ts";

export interface Sentence {
  /** As it stands in the text, a wrapped line's break as a space. */
  readonly text: string;
  /** UTF-16 offsets in the text. */
  readonly start: number;
  readonly end: number;
}

/** Abbreviations that are followed by more of the sentence. Single letters (z. B., J. Smith) are known without a list. */
const ABBREVIATIONS: Readonly<Record<string, readonly string[]>> = {
  en: words(
    "mr mrs ms dr prof st rev hon gen col capt lt sgt vs cf eg ie fig figs vol no nos pp ch sec approx dept est ca jan feb mar apr jun jul aug sep sept oct nov dec mt ft al",
  ),
  de: words(
    "dr prof hr fr nr str ca bzw vgl evtl ggf inkl exkl bspw sog abs art abb bd kap mio mrd tsd st jh hrsg ing dipl phil med jur max min zzgl abzgl jan feb apr aug sept okt nov dez geb gest verh chr allg ehem",
  ),
  fr: words(
    "m mm mme mmes mlle mlles dr pr st ste cf ex env art chap fig vol no av apr janv févr avr juil sept oct nov déc hab éd p pp al",
  ),
  es: words("sr sra srta dr dra prof ud uds d dña pág págs art cap vol núm aprox ej av av fig"),
  it: words("sig sigg dott prof ing avv pag art cap vol fig n ca es ecc"),
  nl: words("dhr mevr dr prof ir ing drs nr blz bijv ca vgl resp incl excl art afb st"),
  pt: words("sr sra dr dra prof pág págs art cap vol núm aprox ex av fig"),
};
const EVERYWHERE = words("dr prof mr st nr no vol fig cf ca vs");

/** Languages that write an ordinal with a full stop: der 3. Mai. What stands before it says that it is one. */
const ORDINALS: Readonly<Record<string, ReadonlySet<string>>> = {
  de: new Set(words("am im vom zum bis ab seit der die das dem den des dieser jeder zur beim in und jahrhundert")),
};
const MONTH = /^(?:januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|jahrhundert)/iu;

const LAST_TOKEN = /(?<![\p{L}\p{N}])([\p{L}\p{N}]+)\.\s*$/u;
const BEFORE_LAST = /([\p{L}]+)\s+\d{1,2}\.\s*$/u;
const ENDS = /[.!?…:;。！？｡]["'”’»«“)\]」』）]*$/u;
/** What begins a line of its own: a list item, a heading, a quotation, a row of a table. */
const OWN_LINE = /^\s*(?:[-*+•·‣–—#>|]|\d{1,3}[.)]\s)/u;
/** A line that long is one that was wrapped; characters of unspaced scripts are twice as wide. */
const WRAPPED_COLUMNS = 50;
const WIDE = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/;

/** Longer ones are no sentences (a table, data, a text without marks): they are cut, at a space where there is one. */
export const MAX_SENTENCE_CHARS = 2000;

/** In the order of the text, none longer than 2,000 characters. Empty lines always separate; a single line break separates unless the line looks wrapped. */
export function createSentenceCutter(language: string): (text: string) => readonly Sentence[] {
  const base = language.split("-")[0] ?? language;
  const segmenter = new Intl.Segmenter(localeOf(language), { granularity: "sentence" });
  const abbreviations = new Set([...EVERYWHERE, ...(ABBREVIATIONS[base] ?? [])]);
  const goesOn = (before: string, after: string): boolean => {
    if (before.includes("\n") || after.trim() === "") return false;
    const [, token = ""] = LAST_TOKEN.exec(before.slice(-40)) ?? [];
    if (token === "") return false;
    if (/^\d{1,2}$/.test(token)) return isOrdinal(before.slice(-60), after);
    const folded = token.toLowerCase();
    if (/^\p{L}$/u.test(token)) return folded !== "i" || base !== "en";
    return abbreviations.has(folded) || /^\p{Ll}/u.test(after);
  };
  const isOrdinal = (before: string, after: string): boolean => {
    const known = ORDINALS[base];
    if (known === undefined) return false;
    const [, previous = ""] = BEFORE_LAST.exec(before) ?? [];
    return MONTH.test(after) || known.has(previous.toLowerCase());
  };
  return (text) => {
    const sentences: Sentence[] = [];
    for (const { from, flow } of paragraphs(text)) {
      let open: { start: number; text: string } | undefined;
      for (const { segment, index } of segmenter.segment(flow)) {
        if (open !== undefined && open.text.length < MAX_SENTENCE_CHARS && goesOn(open.text, segment)) {
          open.text += segment;
          continue;
        }
        if (open !== undefined) push(sentences, from + open.start, open.text);
        open = { start: index, text: segment };
      }
      if (open !== undefined) push(sentences, from + open.start, open.text);
    }
    return sentences;
  };
}

/** Whether it ends as a sentence does, which headings, table rows and list items mostly do not. */
export function isWholeSentence(text: string): boolean {
  return ENDS.test(text) && !OWN_LINE.test(text);
}

function push(sentences: Sentence[], at: number, text: string): void {
  for (let from = 0; from < text.length; ) {
    const to = endOfPiece(text, from);
    const piece = text.slice(from, to).trim();
    if (piece !== "") {
      const start = at + text.indexOf(piece, from);
      sentences.push({ text: piece, start, end: start + piece.length });
    }
    from = to;
  }
}

function endOfPiece(text: string, from: number): number {
  const limit = from + MAX_SENTENCE_CHARS;
  if (text.length <= limit) return text.length;
  const space = lastSpace(text.slice(from, limit));
  if (space > 0) return from + space + 1;
  return /[\ud800-\udbff]/.test(text[limit - 1] ?? "") ? limit - 1 : limit;
}

function lastSpace(piece: string): number {
  return Math.max(piece.lastIndexOf(" "), piece.lastIndexOf("\n"), piece.lastIndexOf("\t"));
}

/** What lies between empty lines, with the breaks of wrapped lines made spaces: as long as it was, so places hold. */
function* paragraphs(text: string): Generator<{ readonly from: number; readonly flow: string }> {
  let lines: string[] = [];
  let from = 0;
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end);
    if (line.trim() === "") {
      if (lines.length > 0) yield { from, flow: unwrap(lines) };
      lines = [];
    } else {
      if (lines.length === 0) from = start;
      lines.push(line);
    }
    start = end + 1;
  }
  if (lines.length > 0) yield { from, flow: unwrap(lines) };
}

function unwrap(lines: readonly string[]): string {
  return lines.map((line, place) => (place === 0 ? line : (isWrapped(lines[place - 1] ?? "", line) ? " " : "\n") + line)).join("");
}

function isWrapped(line: string, next: string): boolean {
  if (OWN_LINE.test(next) || ENDS.test(line.trimEnd())) return false;
  const columns = line.length + (WIDE.test(line) ? line.length : 0);
  return columns >= WRAPPED_COLUMNS || /^\s*\p{Ll}/u.test(next);
}

function words(list: string): readonly string[] {
  return list.split(" ");
}
