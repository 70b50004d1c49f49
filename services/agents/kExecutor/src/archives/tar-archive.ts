// tar, in one pass from a stream: nothing of it is written anywhere, links and devices are named and passed over.

import type { TarHeader } from "modern-tar";
import type { Source } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { throwIfAborted } from "../task-error.ts";
import { type ArchiveEntry, createEntryJudge, type EntryType } from "./archive-entry.ts";
import { type VisitOptions, type Visitor, WHAT } from "./archive-visit.ts";

const TYPES: Readonly<Record<string, EntryType>> = {
  file: "file",
  directory: "folder",
  symlink: "symlink",
  link: "hardlink",
  "character-device": "device",
  "block-device": "device",
  fifo: "pipe",
};

export function visitTar(source: Source, content: AsyncIterable<Buffer>, options: VisitOptions, visit: Visitor): Promise<void> {
  return parsing(WHAT, source.at, async () => {
    const { createTarDecoder } = await import("modern-tar");
    const decoder = createTarDecoder({ strict: true });
    const judge = createEntryJudge();
    let count = 0;
    // One error ends both ends; it is the reader's to report, and the source's own error comes before the decoder's.
    const feeding: { error?: Error } = {};
    const fed = feed(content, decoder.writable).catch((error: unknown) => {
      feeding.error ??= error instanceof Error ? error : new Error("the archive cannot be read", { cause: error });
    });
    try {
      for await (const { header, body } of decoder.readable) {
        throwIfAborted(options.signal);
        count += 1;
        if (count > options.maxEntries) {
          throw unreadable("too_large", source.at, `${WHAT} has more than ${options.maxEntries} entries.`, "Split it.");
        }
        let isRead = false;
        await visit(judge(describe(header)), async (maxBytes) => {
          if (header.size > maxBytes) {
            const name = JSON.stringify(header.name.slice(0, 200));
            throw unreadable(
              "too_large",
              source.at,
              `${WHAT}'s entry ${name} has ${header.size} bytes, more than ${maxBytes}.`,
              "Split it.",
            );
          }
          isRead = true;
          return collect(body, header.size);
        });
        if (!isRead) await body.cancel();
      }
    } catch (error) {
      if (feeding.error !== undefined) throw feeding.error;
      throw error;
    } finally {
      await fed;
    }
    if (feeding.error !== undefined) throw feeding.error;
  });
}

async function feed(content: AsyncIterable<Buffer>, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  // The decoder's own failure is reported where entries are read.
  writer.closed.catch(() => {});
  try {
    for await (const piece of content) await writer.write(piece);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}

async function collect(body: ReadableStream<Uint8Array>, bytes: number): Promise<Buffer> {
  const content = Buffer.alloc(bytes);
  let length = 0;
  for await (const piece of body) {
    content.set(piece.subarray(0, bytes - length), length);
    length += piece.length;
  }
  if (length !== bytes) throw new Error("the entry is cut short");
  return content;
}

function describe(header: TarHeader): ArchiveEntry {
  const modifiedMs = header.mtime?.getTime();
  return {
    name: header.name,
    type: TYPES[header.type ?? "file"] ?? "other",
    bytes: header.size,
    ...(modifiedMs !== undefined && { modifiedMs }),
    ...(header.linkname !== undefined && header.linkname !== "" && { target: header.linkname }),
    flags: [],
  };
}
