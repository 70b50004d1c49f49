// Counts the lines of a text and finds the marks people leave for later, in one pass over its bytes and in bounded memory.

export const MARKERS = ["TODO", "FIXME", "XXX", "HACK"] as const;
export type Marker = (typeof MARKERS)[number];

interface MarkedLine {
  /** From 1. */
  readonly line: number;
  /** The first marker in the line. */
  readonly marker: Marker;
  /** From the marker to the end of the line, at most 160 characters. */
  readonly text: string;
}

export interface TextFindings {
  /** Line feeds, and one more if bytes follow the last one. */
  readonly lines: number;
  /** Lines of nothing but spaces, tabs, form feeds and carriage returns. */
  readonly blank: number;
  /** Lines that hold at least one marker as a whole word. */
  readonly marked: number;
  /** Lines that hold this marker as a whole word. */
  readonly markedBy: Readonly<Record<Marker, number>>;
  /** The first of the marked lines, at most 200. */
  readonly items: readonly MarkedLine[];
}

export interface TextScan {
  feed(bytes: Buffer): void;
  end(): TextFindings;
}

const LINE_FEED = 0x0a;
/** A line may be that long before it is looked at in pieces. */
const MAX_PENDING = 65_536;
/** How much of a piece is looked at again with the next one, so that no marker is missed at the cut. */
const OVERLAP = 64;
/** Room for a character after the longest marker. */
const CUT_MARGIN = 8;
const MAX_ITEMS = 200;
const MAX_ITEM_CHARS = 160;

/** A whole word: no letter, digit or underscore beside it, as `grep -w` in a UTF-8 locale. Upper case only. */
export function createTextScan(): TextScan {
  const markedBy: Record<Marker, number> = { TODO: 0, FIXME: 0, XXX: 0, HACK: 0 };
  const items: MarkedLine[] = [];
  let [lines, blank, marked] = [0, 0, 0];
  /** Bytes after the last line feed, and what is known of the part of that line that is no longer in them. */
  let pending: Buffer = Buffer.alloc(0);
  let isContinued = false;
  let isBlank = true;
  let found = new Set<Marker>();

  function finishLine(): void {
    lines += 1;
    if (isBlank) blank += 1;
    if (found.size > 0) marked += 1;
    for (const marker of found) markedBy[marker] += 1;
    isContinued = false;
    isBlank = true;
    if (found.size > 0) found = new Set();
  }

  function note(bytes: Buffer, at: number, marker: Marker): void {
    if (found.size === 0 && items.length < MAX_ITEMS) {
      const end = bytes.indexOf(LINE_FEED, at);
      const stretch = bytes.subarray(at, Math.min(end < 0 ? bytes.length : end, at + 4 * MAX_ITEM_CHARS));
      items.push({ line: lines + 1, marker, text: stretch.toString("utf8").slice(0, MAX_ITEM_CHARS).trimEnd() });
    }
    found.add(marker);
  }

  /** Looks at whole lines, or at a piece of a line: a marker too near the end of a piece that is `cut` is left for the next one. */
  function look(bytes: Buffer, isCut = false): void {
    const marks = findMarkers(isCut ? bytes.subarray(0, -CUT_MARGIN) : bytes, bytes);
    let next = 0;
    for (let start = 0; start < bytes.length; ) {
      const feed = bytes.indexOf(LINE_FEED, start);
      const end = feed < 0 ? bytes.length : feed;
      if (isBlank) isBlank = isBlankStretch(bytes, start, end);
      for (let mark = marks[next]; mark !== undefined && mark.at < end; mark = marks[++next]) {
        // What stands at the very beginning of a continued piece was judged with the piece before, with what precedes it in sight.
        if (!isContinued || mark.at >= OVERLAP / 2) note(bytes, mark.at, mark.marker);
      }
      if (feed >= 0) finishLine();
      start = end + 1;
    }
  }

  return {
    feed(bytes) {
      const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      const lastFeed = all.lastIndexOf(LINE_FEED);
      if (lastFeed >= 0) look(all.subarray(0, lastFeed + 1));
      let rest = all.subarray(lastFeed + 1);
      if (rest.length > MAX_PENDING) {
        look(rest, true);
        rest = rest.subarray(rest.length - OVERLAP);
        isContinued = true;
      }
      pending = Buffer.from(rest);
    },
    end() {
      if (pending.length > 0) {
        look(pending);
        finishLine();
      }
      return { lines, blank, marked, markedBy, items };
    },
  };
}

interface Mark {
  readonly at: number;
  readonly marker: Marker;
}

/** Markers that begin in `bytes`, judged by what surrounds them in `all`, of which `bytes` is the beginning. */
function findMarkers(bytes: Buffer, all: Buffer): readonly Mark[] {
  const marks: Mark[] = [];
  for (const marker of MARKERS) {
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
      if (!endsInWord(all, at) && !startsWithWord(all, at + marker.length)) marks.push({ at, marker });
    }
  }
  return marks.sort((one, other) => one.at - other.at);
}

const WORD_END = /[\p{L}\p{N}\p{M}_]$/u;
const WORD_START = /^[\p{L}\p{N}\p{M}_]/u;

function endsInWord(bytes: Buffer, at: number): boolean {
  const byte = bytes[at - 1];
  if (byte === undefined) return false;
  if (byte < 0x80) return isWordByte(byte);
  let start = at - 1;
  while (start > 0 && at - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return WORD_END.test(bytes.toString("utf8", start, at));
}

function startsWithWord(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  if (byte === undefined) return false;
  return byte < 0x80 ? isWordByte(byte) : WORD_START.test(bytes.toString("utf8", at, at + 4));
}

function isWordByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || (byte >= 0x61 && byte <= 0x7a);
}

function isBlankStretch(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0c && byte !== 0x0b) return false;
  }
  return true;
}
