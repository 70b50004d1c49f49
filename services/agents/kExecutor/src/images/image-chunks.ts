// The outer structure of image files: colour facts, frames, and where EXIF lies. Headers and lengths only; no pixel is ever decoded.
// PNG (W3C, third edition) 11.2–11.3; JPEG ITU-T T.81 B.2; GIF89a; WebP RFC 9649.

export interface ImageStructure {
  readonly colour?: ImageColour;
  /** Pictures shown one after the other; 1 for a still one. */
  readonly frames?: number;
  /** TIFF structure, or one behind `Exif\0\0`. */
  readonly exif?: Buffer;
  /** Bytes after the end of the image: another file may hide there. */
  readonly trailingBytes?: number;
}

interface ImageColour {
  readonly model: "grey" | "rgb" | "indexed" | "ycbcr" | "cmyk";
  readonly bits_per_channel: number;
  readonly alpha: boolean;
  /** Whether it carries a colour profile. */
  readonly profile: boolean;
}

/** A file may hold any number of pieces; more than this says nothing more. */
const MAX_PIECES = 100_000;

export function imageStructure(type: string, bytes: Buffer): ImageStructure {
  switch (type) {
    case "png":
      return pngStructure(bytes);
    case "jpg":
      return jpegStructure(bytes);
    case "gif":
      return gifStructure(bytes);
    case "webp":
      return webpStructure(bytes);
    default:
      return {};
  }
}

const PNG_MODELS: Readonly<Record<number, readonly [ImageColour["model"], boolean]>> = {
  0: ["grey", false],
  2: ["rgb", false],
  3: ["indexed", false],
  4: ["grey", true],
  6: ["rgb", true],
};

function pngStructure(bytes: Buffer): ImageStructure {
  const [model, hasAlpha] = PNG_MODELS[bytes[25] ?? 0] ?? ["rgb", false];
  const colour = { model, bits_per_channel: bytes[24] ?? 0 };
  let [alpha, profile, frames] = [hasAlpha, false, 1];
  let exif: Buffer | undefined;
  let position = 8;
  for (let piece = 0; piece < MAX_PIECES && position + 12 <= bytes.length; piece += 1) {
    const length = bytes.readUInt32BE(position);
    const name = bytes.toString("latin1", position + 4, position + 8);
    const data = bytes.subarray(position + 8, position + 8 + length);
    position += 12 + length;
    if (name === "acTL" && data.length >= 4) frames = Math.max(1, data.readUInt32BE(0));
    if (name === "tRNS") alpha = true;
    if (name === "iCCP" || name === "cICP") profile = true;
    if (name === "eXIf") exif ??= data;
    if (name === "IEND") return { colour: { ...colour, alpha, profile }, frames, ...(exif && { exif }), ...trailing(bytes, position) };
  }
  return { colour: { ...colour, alpha, profile }, frames, ...(exif && { exif }) };
}

const JPEG_MODELS: Readonly<Record<number, ImageColour["model"]>> = { 1: "grey", 3: "ycbcr", 4: "cmyk" };

function jpegStructure(bytes: Buffer): ImageStructure {
  let exif: Buffer | undefined;
  let profile = false;
  let position = 2;
  for (let piece = 0; piece < MAX_PIECES && position + 4 <= bytes.length; piece += 1) {
    if (bytes[position] !== 0xff) break;
    const marker = bytes[position + 1] ?? 0;
    // Fill bytes before a marker.
    if (marker === 0xff) {
      position += 1;
      continue;
    }
    const length = bytes.readUInt16BE(position + 2);
    const data = bytes.subarray(position + 4, position + 2 + length);
    if (marker === 0xe1 && data.toString("latin1", 0, 6) === "Exif\0\0") exif ??= data;
    if (marker === 0xe2 && data.toString("latin1", 0, 11) === "ICC_PROFILE") profile = true;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && data.length >= 6) {
      const model = JPEG_MODELS[data[5] ?? 0] ?? "ycbcr";
      return { colour: { model, bits_per_channel: data[0] ?? 8, alpha: false, profile }, frames: 1, ...(exif && { exif }) };
    }
    if (marker === 0xda || marker === 0xd9) break;
    position += 2 + length;
  }
  return { ...(exif && { exif }) };
}

function gifStructure(bytes: Buffer): ImageStructure {
  const screen = bytes[10] ?? 0;
  const bits = ((screen >> 4) & 7) + 1;
  let [frames, alpha] = [0, false];
  let position = 13 + tableBytes(screen);
  const colour = (): ImageColour => ({ model: "indexed", bits_per_channel: bits, alpha, profile: false });
  const skipBlocks = (): void => {
    while (position < bytes.length) {
      const length = bytes[position] ?? 0;
      position += 1 + length;
      if (length === 0) return;
    }
  };
  for (let piece = 0; piece < MAX_PIECES && position < bytes.length; piece += 1) {
    const kind = bytes[position];
    if (kind === 0x2c) {
      frames += 1;
      position += 10 + tableBytes(bytes[position + 9] ?? 0) + 1;
      skipBlocks();
    } else if (kind === 0x21) {
      if (bytes[position + 1] === 0xf9 && ((bytes[position + 3] ?? 0) & 1) === 1) alpha = true;
      position += 2;
      skipBlocks();
    } else {
      return { colour: colour(), frames: Math.max(1, frames), ...(kind === 0x3b ? trailing(bytes, position + 1) : {}) };
    }
  }
  return { colour: colour(), frames: Math.max(1, frames) };
}

/** Of a colour table of three bytes an entry, where the flag says there is one. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function webpStructure(bytes: Buffer): ImageStructure {
  const end = 8 + bytes.readUInt32LE(4);
  let [alpha, profile, frames] = [false, false, 0];
  let exif: Buffer | undefined;
  let position = 12;
  for (let piece = 0; piece < MAX_PIECES && position + 8 <= Math.min(end, bytes.length); piece += 1) {
    const name = bytes.toString("latin1", position, position + 4);
    const length = bytes.readUInt32LE(position + 4);
    const data = bytes.subarray(position + 8, position + 8 + length);
    if (name === "VP8X") alpha = ((data[0] ?? 0) & 0x10) !== 0;
    if (name === "VP8L") alpha ||= ((data[4] ?? 0) & 0x10) !== 0;
    if (name === "ICCP") profile = true;
    if (name === "EXIF") exif ??= data;
    if (name === "ANMF") frames += 1;
    position += 8 + length + (length % 2);
  }
  const colour = { model: "rgb", bits_per_channel: 8, alpha, profile } as const;
  return { colour, frames: Math.max(1, frames), ...(exif && { exif }), ...trailing(bytes, end) };
}

function trailing(bytes: Buffer, end: number): { readonly trailingBytes?: number } {
  return bytes.length > end ? { trailingBytes: bytes.length - end } : {};
}
