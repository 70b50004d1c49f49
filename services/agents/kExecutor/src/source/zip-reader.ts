// A source as yauzl reads it. In a file of its own because it extends a class of the library, which is loaded only when a zip is opened.

import { Readable } from "node:stream";
import { RandomAccessReader } from "yauzl";
import type { Source } from "./source.ts";

const PIECE_BYTES = 65_536;

export function sourceReader(source: Source): RandomAccessReader {
  return new SourceReader(source);
}

class SourceReader extends RandomAccessReader {
  readonly #source: Source;

  constructor(source: Source) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(pieces(this.#source, start, end), { objectMode: false });
  }
}

async function* pieces(source: Source, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position < end; ) {
    const piece = await source.read(position, Math.min(PIECE_BYTES, end - position));
    if (piece.length === 0) throw new Error("the archive ends too early");
    position += piece.length;
    yield piece;
  }
}
