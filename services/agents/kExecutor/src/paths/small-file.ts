// Reads a small file whole, guarded like every other read. For configuration of the tree itself (.gitignore, .git/HEAD), not for content.

import type { BytePath } from "./byte-path.ts";
import { isRefusal, openRegularFile, type Refusal } from "./guarded-open.ts";

export interface TooBig {
  readonly refused: "too_big";
}

/** The bytes of the regular file at an absolute real path, or why not. */
export async function readSmallFile(path: BytePath, maxBytes: number): Promise<Buffer | Refusal | TooBig> {
  const file = await openRegularFile(path);
  if (isRefusal(file)) return file;
  try {
    if (file.stats.size > maxBytes) return { refused: "too_big" };
    const buffer = Buffer.alloc(Math.min(maxBytes, file.stats.size));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.handle.close();
  }
}
