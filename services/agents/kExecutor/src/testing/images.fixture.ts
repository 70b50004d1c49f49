// Writes the headers of images, and no pixels: nothing here ever decodes one. For tests only.

import { crc32 } from "node:zlib";

export interface PngOptions {
  readonly depth?: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  readonly colour?: number;
  readonly frames?: number;
  readonly exif?: Buffer;
}

export function pngFile(width: number, height: number, options: PngOptions = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = options.depth ?? 8;
  header[9] = options.colour ?? 2;
  const frames = Buffer.alloc(8);
  frames.writeUInt32BE(options.frames ?? 0, 0);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(options.frames === undefined ? [] : [chunk("acTL", frames)]),
    ...(options.exif === undefined ? [] : [chunk("eXIf", options.exif)]),
    chunk("IDAT", Buffer.from([0x78, 0x9c, 3, 0, 0, 0, 0, 1])),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export function jpegFile(width: number, height: number, exif?: Buffer): Buffer {
  const frame = Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "latin1")),
    ...(exif === undefined ? [] : [segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exif]))]),
    segment(0xc0, frame),
    segment(0xda, Buffer.from([3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0])),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]), data]);
}

/** GIF89a with frames of one pixel and a palette of four colours. */
export function gifFile(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.from([width & 255, width >> 8, height & 255, height >> 8, 0x91, 0, 0]);
  const frame = Buffer.from([0x21, 0xf9, 4, 1, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([
    Buffer.from("GIF89a", "latin1"),
    screen,
    Buffer.alloc(12),
    ...Array.from({ length: frames }, () => frame),
    Buffer.from([0x3b]),
  ]);
}

/** WebP with an extended header, alpha, and `frames` animated frames. */
export function webpFile(width: number, height: number, frames: number): Buffer {
  const extended = Buffer.alloc(10);
  extended[0] = 0x10 | (frames > 0 ? 2 : 0);
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const parts = [riff("VP8X", extended), ...Array.from({ length: frames }, () => riff("ANMF", Buffer.alloc(16)))];
  const body = Buffer.concat([Buffer.from("WEBP", "latin1"), ...parts]);
  return riff("RIFF", body);
}

function riff(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([Buffer.from(name, "latin1"), length, data, Buffer.alloc(data.length % 2)]);
}

export interface ExifOptions {
  readonly orientation?: number;
  readonly model?: string;
  /** As cameras write it: 2026:01:02 03:04:05 */
  readonly taken?: string;
  readonly hasPlace?: boolean;
}

/** A TIFF structure, little-endian, of the tags that matter here. */
export function exifBlock(options: ExifOptions): Buffer {
  const latitude = tag(0x0002, 5, 3, rationals([52, 30, 0]));
  const place = options.hasPlace === true ? [tag(0x0001, 2, 2, Buffer.from("N\0")), latitude] : undefined;
  const photo = options.taken === undefined ? undefined : [tag(0x9003, 2, 20, Buffer.from(`${options.taken}\0`))];
  const image = [
    ...(options.model === undefined ? [] : [tag(0x0110, 2, options.model.length + 1, Buffer.from(`${options.model}\0`))]),
    ...(options.orientation === undefined ? [] : [tag(0x0112, 3, 1, Buffer.from([options.orientation, 0]))]),
  ];
  return tiff(image, [
    [0x8769, photo],
    [0x8825, place],
  ]);
}

interface Tag {
  readonly id: number;
  readonly type: number;
  readonly count: number;
  readonly data: Buffer;
}

function tag(id: number, type: number, count: number, data: Buffer): Tag {
  return { id, type, count, data };
}

function rationals(numbers: readonly number[]): Buffer {
  const data = Buffer.alloc(numbers.length * 8);
  for (const [index, number] of numbers.entries()) {
    data.writeUInt32LE(number, index * 8);
    data.writeUInt32LE(1, index * 8 + 4);
  }
  return data;
}

function tiff(image: readonly Tag[], folders: readonly (readonly [number, readonly Tag[] | undefined])[]): Buffer {
  const present = folders.flatMap(([id, tags]) => (tags === undefined ? [] : [{ id, tags }]));
  const lengthOf = (tags: number): number => 2 + tags * 12 + 4;
  let place = 8 + lengthOf(image.length + present.length);
  const parts: Buffer[] = [];
  const links: Tag[] = [];
  for (const { id, tags } of present) {
    const at = Buffer.alloc(4);
    at.writeUInt32LE(place);
    links.push(tag(id, 4, 1, at));
    const folder = directory(tags, place + lengthOf(tags.length));
    parts.push(folder);
    place += folder.length;
  }
  return Buffer.concat([Buffer.from("II*\0\x08\0\0\0", "latin1"), directoryOf([...image, ...links], place, parts)]);
}

/** The first directory, then the others, then the data that did not fit into the first. */
function directoryOf(tags: readonly Tag[], dataAt: number, others: readonly Buffer[]): Buffer {
  const { table, data } = encode(tags, dataAt);
  return Buffer.concat([table, ...others, data]);
}

function directory(tags: readonly Tag[], dataAt: number): Buffer {
  const { table, data } = encode(tags, dataAt);
  return Buffer.concat([table, data]);
}

function encode(tags: readonly Tag[], dataAt: number): { readonly table: Buffer; readonly data: Buffer } {
  const table = Buffer.alloc(2 + tags.length * 12 + 4);
  table.writeUInt16LE(tags.length, 0);
  const data: Buffer[] = [];
  let place = dataAt;
  for (const [index, entry] of tags.entries()) {
    const at = 2 + index * 12;
    table.writeUInt16LE(entry.id, at);
    table.writeUInt16LE(entry.type, at + 2);
    table.writeUInt32LE(entry.count, at + 4);
    if (entry.data.length <= 4) entry.data.copy(table, at + 8);
    else {
      table.writeUInt32LE(place, at + 8);
      data.push(entry.data);
      place += entry.data.length;
    }
  }
  return { table, data: Buffer.concat(data) };
}
