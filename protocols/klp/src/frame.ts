/** Frames on a pipe: a length in four bytes, big-endian, then that many bytes of JSON. It neither parses nor checks what is inside. */

import { KosError } from "./errors.ts";

export interface FrameDecoder {
  /**
   * Takes the next piece of the stream and gives the frames it completes. A frame that lies within one piece is a view into it, not a copy.
   * @throws KosError TOO_LARGE or BAD_ENVELOPE (an empty frame) before anything of the frame is kept, and the same error ever after: where
   * the next frame begins is no longer known, so the pipe has to be closed.
   */
  push(piece: Uint8Array): Uint8Array[];
  /** To be called when the stream ends. @throws KosError BAD_ENVELOPE when it ends within a frame. */
  end(): void;
}

const HEADER_BYTES = 4;

/** A frame with its length before it. @throws KosError TOO_LARGE beyond `maxBytes`, BAD_REQUEST when there is nothing in it. */
export function encodeFrame(content: Uint8Array, maxBytes: number): Uint8Array {
  if (content.length === 0) throw new KosError("BAD_REQUEST", "A frame cannot be empty.");
  if (content.length > maxBytes) throw tooLarge(content.length, maxBytes);
  const frame = new Uint8Array(HEADER_BYTES + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame.set(content, HEADER_BYTES);
  return frame;
}

/** Takes a stream apart, in pieces of any size. Never holds more than one frame of `maxBytes`. */
export function createFrameDecoder(maxBytes: number): FrameDecoder {
  const header = new Uint8Array(HEADER_BYTES);
  let headerBytes = 0;
  let body: Uint8Array[] = [];
  let missing = 0;
  let failure: KosError | undefined;

  return { push, end };

  function push(piece: Uint8Array): Uint8Array[] {
    if (failure !== undefined) throw failure;
    const frames: Uint8Array[] = [];
    let offset = 0;
    while (offset < piece.length) {
      if (headerBytes < HEADER_BYTES) {
        header[headerBytes++] = piece[offset++] as number;
        if (headerBytes === HEADER_BYTES) missing = readLength();
        continue;
      }
      const part = piece.subarray(offset, offset + missing);
      offset += part.length;
      missing -= part.length;
      body.push(part);
      if (missing > 0) continue;
      frames.push(join(body));
      body = [];
      headerBytes = 0;
    }
    return frames;
  }

  function end(): void {
    if (failure !== undefined) throw failure;
    if (headerBytes > 0) throw new KosError("BAD_ENVELOPE", "The stream ended within a frame. Send the last message again.");
  }

  function readLength(): number {
    const length = new DataView(header.buffer).getUint32(0);
    if (length > maxBytes) failure = tooLarge(length, maxBytes);
    else if (length === 0) failure = new KosError("BAD_ENVELOPE", "A frame cannot be empty. Close the pipe and connect again.");
    if (failure !== undefined) throw failure;
    return length;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function tooLarge(length: number, maxBytes: number): KosError {
  return new KosError("TOO_LARGE", `The frame has ${length} bytes; at most ${maxBytes} are allowed. Send a large value as an artifact.`);
}
