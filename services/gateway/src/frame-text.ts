// A frame as it goes over the wire: written once, however many connections it goes to.

import type { ServerFrame } from "@kos/api";

const written = new WeakMap<ServerFrame, Buffer>();

/** UTF-8. The frame must not change afterwards. */
export function frameText(frame: ServerFrame): Buffer {
  const known = written.get(frame);
  if (known !== undefined) return known;
  const text = Buffer.from(JSON.stringify(frame));
  written.set(frame, text);
  return text;
}
