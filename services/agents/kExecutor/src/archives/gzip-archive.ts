// A gzip file as an archive of one entry.

import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { createEntryJudge } from "./archive-entry.ts";
import { type Visitor, WHAT } from "./archive-visit.ts";

const HEADER_BYTES = 10;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;

/** RFC 1952. The size is counted, not taken from the trailer, which is modulo 2^32 and anybody's to write. */
export function visitGzip(source: Source, unpacked: AsyncIterable<Buffer>, visit: Visitor): Promise<void> {
  return parsing(WHAT, source.at, async () => {
    const head = await source.read(0, 4096);
    const seconds = head.length >= HEADER_BYTES ? head.readUInt32LE(4) : 0;
    const entry = {
      name: nameOf(head, source.name),
      type: "file",
      compressedBytes: source.bytes,
      modifiedMs: seconds * 1000,
      flags: [],
    } as const;
    const judge = createEntryJudge();
    const parts: Buffer[] = [];
    let length = 0;
    let isKept = true;
    for await (const part of unpacked) {
      length += part.length;
      isKept &&= length <= MAX_KEPT;
      if (isKept) parts.push(part);
      else parts.length = 0;
    }
    await visit(judge({ ...entry, bytes: length }), async (maxBytes) => {
      if (isKept && length <= maxBytes) return Buffer.concat(parts);
      throw unreadable(
        "too_large",
        source.at,
        `${WHAT}'s content has ${length} bytes, more than ${Math.min(maxBytes, MAX_KEPT)}.`,
        "Split it.",
      );
    });
  });
}

/** As much as is held for a visitor that may want it. */
const MAX_KEPT = 67_108_864;

function nameOf(head: Buffer, fileName: string | undefined): string {
  const flags = head[3] ?? 0;
  let position = HEADER_BYTES;
  if ((flags & FLAG_EXTRA) !== 0 && head.length >= position + 2) position += 2 + head.readUInt16LE(position);
  const end = head.indexOf(0, position);
  if ((flags & FLAG_NAME) !== 0 && end > position) return head.toString("latin1", position, end);
  return fileName?.replace(/\.gz$/i, "") ?? "content";
}
