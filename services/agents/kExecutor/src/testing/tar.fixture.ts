// Writes tar archives with any header, honest or not. For tests only.

export interface TarItem {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Type flag: 0 file, 1 hard link, 2 symlink, 3 character device, 5 folder, 6 pipe. */
  readonly type?: string;
  readonly target?: string;
  /** Instead of the content's length. */
  readonly size?: number;
}

const BLOCK = 512;

/** POSIX.1-1988 (ustar), with two empty blocks at the end. */
export function tarFile(items: readonly TarItem[]): Buffer {
  const parts = items.flatMap((item) => {
    const content = Buffer.from(item.content ?? "");
    return [headerOf(item, item.size ?? content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function headerOf(item: TarItem, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (text: string, at: number): void => void header.write(text, at, "utf8");
  put(item.name, 0);
  put("0000644\0", 100);
  put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put(`${Math.floor(Date.UTC(2026, 0, 2) / 1000).toString(8)}\0`, 136);
  put("        ", 148);
  put(item.type ?? "0", 156);
  put(item.target ?? "", 157);
  put("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
